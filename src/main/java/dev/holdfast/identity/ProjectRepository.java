package dev.holdfast.identity;

import dev.holdfast.db.Database;
import dev.holdfast.db.DbException;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IdempotencyKey;
import dev.holdfast.http.KeysetStatements;
import dev.holdfast.http.PageRequest;
import dev.holdfast.problem.Problem;
import io.smallrye.mutiny.Uni;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Projects and their keys in PostgreSQL; each method is one statement, lists are keyset pages in the order of ids. */
@ApplicationScoped
public class ProjectRepository {

    private final Database database;

    ProjectRepository(Database database) {
        this.database = database;
    }

    private static final Statement CREATE = Statement.write("projects.create", """
            with project as (
              insert into projects (id, name, created_at, retention_days) values ($1, $2, $3, $4)
            )
            insert into idempotency_keys (project_id, key, fingerprint, response)
            select 'default', $5, $6, $7 where $5::text is not null
            """);

    /**
     * Stores a project; {@link Problem} 409 if its id is taken.
     *
     * @param createdAt made by us, so that a replay finds out whether the row is its own
     * @param key stored with {@code answer}, or null
     */
    public Uni<@Nullable Void> create(
            Ticket ticket,
            Project.Draft project,
            OffsetDateTime createdAt,
            @Nullable IdempotencyKey key,
            String answer) {
        Tuple params = Tuple.of(project.id(), project.name(), createdAt, project.retentionDays());
        IdempotencyKey.addTo(params, key, answer);
        return database.<@Nullable Void>query(ticket, CREATE, params, rows -> null)
                .onFailure(ProjectRepository::isTaken)
                .recoverWithUni(e -> settle(ticket, project, createdAt, (DbException) e));
    }

    private static boolean isTaken(Throwable failure) {
        return failure instanceof DbException e && "projects_pkey".equals(e.constraint());
    }

    private Uni<@Nullable Void> settle(
            Ticket ticket, Project.Draft project, OffsetDateTime createdAt, DbException taken) {
        Problem conflict = Problem.conflict("There already is a project '" + project.id() + "'.", "id");
        if (!taken.replayed()) {
            return Uni.createFrom().failure(conflict);
        }
        return isOurs(ticket, project, createdAt)
                .onFailure()
                .transform(taken::unsettled)
                .map(ours -> {
                    if (!ours) {
                        throw conflict;
                    }
                    return null;
                });
    }

    private static final Statement IS_OURS =
            Statement.read("projects.is_ours", "select from projects where id = $1 and name = $2 and created_at = $3");

    private Uni<Boolean> isOurs(Ticket ticket, Project.Draft project, OffsetDateTime createdAt) {
        Tuple params = Tuple.of(project.id(), project.name(), createdAt);
        return database.query(ticket, IS_OURS, params, rows -> rows.size() > 0);
    }

    private static final String LIST_PROJECTS = """
            select id, name, floor(extract(epoch from created_at))::bigint as created_at, retention_days
            from projects
            %1$s
            order by id %2$s
            limit $1
            """;
    static final KeysetStatements PROJECTS = new KeysetStatements("projects.list", LIST_PROJECTS, "where id %s $2");

    /** At most one project more than the page holds. */
    public Uni<List<Project>> list(Ticket ticket, PageRequest page) {
        Tuple params = PROJECTS.withCursor(Tuple.of(page.limit() + 1), page);
        return database.query(ticket, PROJECTS.of(page), params, rows -> {
            List<Project> projects = new ArrayList<>(rows.size());
            for (Row row : rows) {
                projects.add(project(row));
            }
            return projects;
        });
    }

    private static Project project(Row row) {
        return new Project(
                row.getString("id"),
                row.getString("name"),
                row.getLong("created_at"),
                row.getInteger("retention_days"));
    }

    private static final Statement CHANGE = Statement.write("projects.change", """
            update projects set name = coalesce($2, name), retention_days = case when $3 then $4 else retention_days end
            where id = $1
            returning id, name, floor(extract(epoch from created_at))::bigint as created_at, retention_days
            """);

    /** The changed project; null if there is none. */
    Uni<@Nullable Project> change(Ticket ticket, String project, Project.Change change) {
        Tuple params = Tuple.of(project, change.name(), change.changesRetention(), change.retentionDays());
        return database.query(
                ticket,
                CHANGE,
                params,
                rows -> rows.size() == 0 ? null : project(rows.iterator().next()));
    }

    private static final Statement ISSUE = Statement.write("keys.issue", """
            with project as (
              select id from projects where id = $1
            ), issued as (
              insert into api_keys (project_id, id, hash, prefix, name, scopes, created_at, expires_at)
              select id, $2, $3, $4, $5, $6, to_timestamp($7), to_timestamp($8) from project
              on conflict (project_id, id) do nothing
            )
            select id from project
            """);

    /**
     * Stores the hash of a key; false if its project does not exist. A conflict on its random id is a replay of our own.
     *
     * @param scopes those that were asked for; null for all there ever are
     */
    public Uni<Boolean> issue(Ticket ticket, ApiKey key, @Nullable Set<Scope> scopes) {
        Tuple params = Tuple.of(key.project(), key.id())
                .addBuffer(Buffer.buffer(KeySnapshot.Hash.of(Objects.requireNonNull(key.key(), "key"))
                        .bytes()))
                .addString(key.prefix())
                .addString(key.name())
                .addArrayOfString(scopes == null ? null : Scope.texts(scopes))
                .addDouble((double) key.createdAt())
                .addDouble(key.expiresAt() == null ? null : key.expiresAt().doubleValue());
        return database.query(ticket, ISSUE, params, rows -> rows.size() > 0);
    }

    private static final String LIST_KEYS = """
            select k.id, k.prefix, k.name, k.scopes,
              floor(extract(epoch from k.created_at))::bigint as created_at,
              floor(extract(epoch from k.expires_at))::bigint as expires_at,
              floor(extract(epoch from k.last_used_at))::bigint as last_used_at,
              floor(extract(epoch from k.revoked_at))::bigint as revoked_at
            from projects p
            left join lateral (
              select * from api_keys
              where project_id = p.id %1$s
              order by id %2$s
              limit $2
            ) k on true
            where p.id = $1
            order by k.id %2$s
            """;
    static final KeysetStatements KEYS = new KeysetStatements("keys.list", LIST_KEYS, "and id %s $3");

    /** At most one key more than the page holds; empty if there is no such project. */
    public Uni<Optional<List<ApiKey>>> listKeys(Ticket ticket, String project, PageRequest page) {
        Tuple params = KEYS.withCursor(Tuple.of(project, page.limit() + 1), page);
        return database.query(ticket, KEYS.of(page), params, rows -> keys(project, rows));
    }

    private static Optional<List<ApiKey>> keys(String project, RowSet<Row> rows) {
        if (rows.size() == 0) {
            return Optional.empty();
        }
        List<ApiKey> keys = new ArrayList<>(rows.size());
        for (Row row : rows) {
            String id = row.getString("id");
            if (id != null) {
                keys.add(new ApiKey(
                        id,
                        project,
                        null,
                        row.getString("prefix"),
                        row.getString("name"),
                        Scope.stored(row.getArrayOfStrings("scopes")),
                        row.getLong("created_at"),
                        row.getLong("expires_at"),
                        row.getLong("last_used_at"),
                        row.getLong("revoked_at")));
            }
        }
        return Optional.of(keys);
    }

    private static final Statement REVOKE = Statement.write("keys.revoke", """
            update api_keys set revoked_at = coalesce(revoked_at, now())
            where project_id = $1 and id = $2
            returning id
            """);

    /** False if there is no such key. Revoking twice is fine and keeps the first moment. */
    public Uni<Boolean> revoke(Ticket ticket, String project, String key) {
        return database.query(ticket, REVOKE, Tuple.of(project, key), rows -> rows.size() > 0);
    }
}
