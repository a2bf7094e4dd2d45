package dev.holdfast.memory;

import dev.holdfast.db.Chore;
import dev.holdfast.db.Chores;
import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import io.quarkus.runtime.Startup;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/**
 * Removes what a project keeps for {@code retention_days} only: sessions since they ended or, left open, since their agent last
 * woke up; files since they were stored; archived contexts since they were archived. A context in force never goes by itself: it
 * is a rule that somebody has locked, and unlocking it is how it ends.
 */
@Startup
@ApplicationScoped
class MemoryRetention {

    private static final int BATCH = 500;

    // Ids begin with the time of making, so what may be old enough is a range of the primary key. Agents who wake up
    // again and again in a session that old are passed over: there are no more of them than agents.
    static final Statement SESSIONS = purge("memory_sessions", """
            id < 'ses_' || lpad(to_hex(greatest(0, extract(epoch FROM p.before) * 1000)::bigint), 12, '0')
                AND coalesce(ended_at, seen_at) < p.before ORDER BY id""");

    static final Statement FILES = purge("memory_files", "stored_at < p.before ORDER BY stored_at");

    static final Statement ARCHIVED = purge("memory_contexts", "archived_at < p.before ORDER BY archived_at");

    // A row that is locked stays where it is.
    private static Statement purge(String table, String old) {
        return Statement.write("memory.purge", """
                DELETE FROM %1$s WHERE ctid = ANY (ARRAY(
                    SELECT o.ctid FROM (
                        SELECT id, now() - make_interval(days => retention_days) AS before FROM projects
                        WHERE retention_days IS NOT NULL) p, LATERAL (
                        SELECT ctid FROM %1$s WHERE project_id = p.id AND %2$s
                        LIMIT %3$d FOR UPDATE SKIP LOCKED) o
                    LIMIT %3$d))
                """.formatted(table, old, BATCH));
    }

    private final Database db;
    private final List<Chore> chores;

    MemoryRetention(Database db, Chores all, McpConfig config) {
        McpConfig.finder(config).refuse();
        this.db = db;
        this.chores = List.of(
                all.add("memory_sessions", config.retentionInterval(), ticket -> purge(ticket, SESSIONS)),
                all.add("memory_files", config.retentionInterval(), ticket -> purge(ticket, FILES)),
                all.add("memory_contexts", config.retentionInterval(), ticket -> purge(ticket, ARCHIVED)));
    }

    /** All that there is to do now. */
    Uni<Void> run() {
        return Uni.join()
                .all(chores.stream().map(Chore::run).toList())
                .andFailFast()
                .replaceWithVoid();
    }

    private Uni<Chore.Batch> purge(Ticket ticket, Statement statement) {
        return db.query(ticket, statement, Tuple.tuple(), rows -> Chore.Batch.of(rows.rowCount(), BATCH));
    }
}
