package dev.holdfast.identity;

import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IfMatch;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** Users' settings in PostgreSQL; each method is one statement. */
@ApplicationScoped
class UserSettingsRepository {

    private static final String COLUMNS = """
            s.external_id, s.language, s.time_zone, s.metadata::text AS metadata, s.version,
            floor(extract(epoch FROM s.created_at))::bigint AS created_at,
            floor(extract(epoch FROM s.updated_at))::bigint AS updated_at
            """;

    private final Database db;

    UserSettingsRepository(Database db) {
        this.db = db;
    }

    // The moment is ours: a row that has it already was written by a sending of this very change that was lost.
    private static final Statement PUT = Statement.write("user_settings.put", """
            INSERT INTO user_settings AS s (
                project_id, external_id, language, time_zone, metadata, version, created_at, updated_at)
            VALUES ($1, $2, $3, $4, $5::text::json, 1, $6, $6)
            ON CONFLICT (project_id, external_id) DO UPDATE SET
                language = excluded.language, time_zone = excluded.time_zone, metadata = excluded.metadata,
                version = CASE WHEN s.updated_at = excluded.updated_at THEN s.version ELSE s.version + 1 END,
                updated_at = excluded.updated_at
            RETURNING\s""" + COLUMNS);

    /** @param at the moment of the change, in microseconds at most: PostgreSQL keeps no more */
    Uni<UserSettings> put(Ticket ticket, String user, UserSettings.Draft draft, Instant at) {
        return db.query(
                ticket,
                PUT,
                params(ticket, user, draft, at),
                rows -> row(rows.iterator().next()));
    }

    private static final Statement CHANGE = Statement.write("user_settings.change", """
            UPDATE user_settings s SET
                language = $3, time_zone = $4, metadata = $5::text::json, updated_at = $6,
                version = CASE WHEN s.updated_at = $6 THEN s.version ELSE s.version + 1 END
            WHERE s.project_id = $1 AND s.external_id = $2
              AND ($7::bigint[] IS NULL OR s.version = ANY ($7) OR s.updated_at = $6)
            RETURNING\s""" + COLUMNS);

    /** As {@link #put}, for settings that are there in a version that {@code condition} allows; null if they are not. */
    Uni<@Nullable UserSettings> change(
            Ticket ticket, String user, UserSettings.Draft draft, Instant at, IfMatch condition) {
        Tuple params = params(ticket, user, draft, at).addArrayOfLong(condition.versions());
        return db.query(ticket, CHANGE, params, UserSettingsRepository::first);
    }

    private static final Statement GET = Statement.read(
            "user_settings.get",
            "SELECT " + COLUMNS + " FROM user_settings s WHERE s.project_id = $1 AND s.external_id = $2");

    /** Null if there are none. */
    Uni<@Nullable UserSettings> get(Ticket ticket, String user) {
        return db.query(ticket, GET, Tuple.of(ticket.project(), user), UserSettingsRepository::first);
    }

    private static final Statement DELETE = Statement.write("user_settings.delete", """
            DELETE FROM user_settings
            WHERE project_id = $1 AND external_id = $2 AND ($3::bigint[] IS NULL OR version = ANY ($3))
            """);

    /** Whether there were any in a version that {@code condition} allows. */
    Uni<Boolean> delete(Ticket ticket, String user, IfMatch condition) {
        Tuple params = Tuple.of(ticket.project(), user).addArrayOfLong(condition.versions());
        return db.query(ticket, DELETE, params, (rows, replayed) -> replayed || rows.rowCount() > 0);
    }

    private static Tuple params(Ticket ticket, String user, UserSettings.Draft draft, Instant at) {
        return Tuple.of(ticket.project(), user)
                .addString(draft.language())
                .addString(draft.timeZone())
                .addString(draft.metadata().json())
                .addOffsetDateTime(at.atOffset(ZoneOffset.UTC));
    }

    private static @Nullable UserSettings first(RowSet<Row> rows) {
        return rows.size() == 0 ? null : row(rows.iterator().next());
    }

    private static UserSettings row(Row row) {
        return new UserSettings(
                row.getString("external_id"),
                row.getString("language"),
                row.getString("time_zone"),
                row.getString("metadata"),
                row.getLong("version"),
                row.getLong("created_at"),
                row.getLong("updated_at"));
    }
}
