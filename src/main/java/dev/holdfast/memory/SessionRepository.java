package dev.holdfast.memory;

import dev.holdfast.db.Database;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.SortableId;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** Agents' sessions and what they have handed over. */
@ApplicationScoped
class SessionRepository {

    private static final String PREFIX = "ses_";

    private final InstantSource clock = InstantSource.system();
    private final Database db;

    SessionRepository(Database db) {
        this.db = db;
    }

    /**
     * What an agent finds when it wakes up.
     *
     * @param counts by kind, each 10,000 at most
     * @param handover null where nobody has slept yet
     * @param mustCheck the first 20 topics that must be checked always
     * @param changes the last 20 since the agent was here
     */
    record Awake(
            JsonObject session,
            JsonObject counts,
            @Nullable JsonObject handover,
            JsonArray mustCheck,
            JsonArray changes) {}

    // last_wake is this call's own mark: sent again, it changes nothing. Two seconds more than the time that has passed
    // are
    // looked at, for what was numbered before and committed after the agent's last look.
    static final Statement WAKE_UP = Statement.write("sessions.wake_up", """
            WITH s AS (
                INSERT INTO memory_sessions AS m
                    (project_id, id, agent, started_at, seen_at, before, wake_ups, last_wake)
                SELECT $1, $2, $3, now(), now(),
                    (SELECT max(seen_at) FROM memory_sessions WHERE project_id = $1 AND agent = $3), 1, $2
                ON CONFLICT (project_id, agent) WHERE ended_at IS NULL DO UPDATE SET
                    before = CASE WHEN m.last_wake = $2 THEN m.before ELSE m.seen_at END,
                    wake_ups = m.wake_ups + CASE WHEN m.last_wake = $2 THEN 0 ELSE 1 END,
                    seen_at = now(), last_wake = $2
                RETURNING id, started_at, before, wake_ups
            )
            SELECT s.id, s.started_at, s.before, s.wake_ups,
                (SELECT count(*) FROM (SELECT FROM memory_topic_filters
                    WHERE project_id = $1 AND tag = '' AND priority = '' LIMIT 10000) n) AS contexts,
                (SELECT count(*) FROM (SELECT FROM memory_topic_filters
                    WHERE project_id = $1 AND tag = '' AND priority = 'always_check' LIMIT 10000) n) AS always_check,
                (SELECT count(*) FROM (SELECT FROM memory_topic_filters
                    WHERE project_id = $1 AND tag = '' AND priority = 'important' LIMIT 10000) n) AS important,
                (SELECT count(*) FROM (SELECT FROM memory_files WHERE project_id = $1 LIMIT 10000) n) AS files,
                (SELECT json_build_object('session_id', h.id, 'agent', h.agent, 'summary', h.summary,
                        'ended_at', floor(extract(epoch FROM h.ended_at))::bigint)::text
                    FROM memory_sessions h WHERE h.project_id = $1 AND h.ended_at IS NOT NULL
                    ORDER BY h.ended_at DESC LIMIT 1) AS handover,
                (SELECT json_agg(json_build_object(
                        'topic', c.topic, 'version', '1.' || c.latest_seq, 'preview', c.preview))::text
                    FROM (SELECT t.topic, t.latest_seq, t.preview
                        FROM memory_topic_filters f
                            JOIN memory_topics t ON t.project_id = $1 AND t.topic = f.topic
                        WHERE f.project_id = $1 AND f.tag = '' AND f.priority = 'always_check'
                        ORDER BY f.topic LIMIT 20) c) AS must_check,
                (SELECT json_agg(json_build_object('topic', c.topic, 'version', '1.' || c.seq, 'change', c.change,
                        'at', floor(extract(epoch FROM c.at))::bigint) ORDER BY c.at DESC)::text
                    FROM (
                        (SELECT topic, seq, 'locked' AS change, locked_at AS at FROM memory_contexts
                            WHERE project_id = $1 AND locked_at > s.before - interval '2 seconds'
                            ORDER BY locked_at DESC LIMIT 20)
                        UNION ALL
                        (SELECT topic, seq, 'archived', archived_at FROM memory_contexts
                            WHERE project_id = $1 AND archived_at > s.before - interval '2 seconds'
                            ORDER BY archived_at DESC LIMIT 20)
                        ORDER BY at DESC LIMIT 20) c) AS changes
            FROM s
            """);

    /** Opens the agent's session, or goes on with the one that is open. */
    Uni<Awake> wakeUp(Ticket ticket, String agent) {
        Tuple params = Tuple.of(ticket.project(), newId(), agent);
        return db.query(ticket, WAKE_UP, params, rows -> {
            Row row = rows.iterator().next();
            String handover = row.getString("handover");
            return new Awake(
                    new JsonObject()
                            .put("id", row.getString("id"))
                            .put("agent", agent)
                            .put("resumed", row.getInteger("wake_ups") > 1)
                            .put("started_at", Rows.seconds(row, "started_at"))
                            .put("last_seen_at", Rows.seconds(row, "before")),
                    new JsonObject()
                            .put("contexts", row.getLong("contexts"))
                            .put("always_check", row.getLong("always_check"))
                            .put("important", row.getLong("important"))
                            .put("files", row.getLong("files")),
                    handover == null ? null : new JsonObject(handover),
                    Rows.array(row, "must_check"),
                    Rows.array(row, "changes"));
        });
    }

    private static final Statement SLEEP = Statement.write("sessions.sleep", """
            WITH ended AS (
                UPDATE memory_sessions SET ended_at = now(), seen_at = now(), summary = $4, last_wake = $2
                WHERE project_id = $1 AND agent = $3 AND ended_at IS NULL
                RETURNING id, started_at, ended_at
            ), done AS (
                SELECT id, started_at, ended_at FROM (
                    SELECT * FROM memory_sessions WHERE project_id = $1 AND agent = $3 ORDER BY seen_at DESC LIMIT 1) l
                WHERE l.last_wake = $2 AND l.ended_at IS NOT NULL
            ), made AS (
                INSERT INTO memory_sessions
                    (project_id, id, agent, started_at, seen_at, wake_ups, last_wake, ended_at, summary)
                SELECT $1, $2, $3, now(), now(), 0, $2, now(), $4
                WHERE NOT EXISTS (SELECT FROM ended) AND NOT EXISTS (SELECT FROM done)
                RETURNING id, started_at, ended_at
            )
            SELECT * FROM ended UNION ALL SELECT * FROM done UNION ALL SELECT * FROM made LIMIT 1
            """);

    /** Ends the agent's session with what is to be handed over; one that was never opened is kept all the same. */
    Uni<JsonObject> sleep(Ticket ticket, String agent, String summary) {
        Tuple params = Tuple.of(ticket.project(), newId(), agent, summary);
        return db.query(ticket, SLEEP, params, rows -> {
            Row row = rows.iterator().next();
            return new JsonObject()
                    .put("session_id", row.getString("id"))
                    .put("agent", agent)
                    .put("started_at", Rows.seconds(row, "started_at"))
                    .put("ended_at", Rows.seconds(row, "ended_at"));
        });
    }

    static final Statement HANDOVER = handover("", "ended_at");
    static final Statement HANDOVER_OF_AGENT = handover("AND agent = $2", "seen_at");

    private static Statement handover(String filter, String order) {
        return Statement.read("sessions.handover", """
                SELECT id, agent, started_at, ended_at, summary FROM memory_sessions
                WHERE project_id = $1 AND ended_at IS NOT NULL %s ORDER BY %s DESC LIMIT 1
                """.formatted(filter, order));
    }

    /**
     * @param agent null for any
     * @return null where there is none
     */
    Uni<@Nullable JsonObject> handover(Ticket ticket, @Nullable String agent) {
        return agent == null
                ? db.query(ticket, HANDOVER, Tuple.of(ticket.project()), SessionRepository::firstHandover)
                : db.query(
                        ticket, HANDOVER_OF_AGENT, Tuple.of(ticket.project(), agent), SessionRepository::firstHandover);
    }

    private static @Nullable JsonObject firstHandover(RowSet<Row> rows) {
        if (rows.size() == 0) {
            return null;
        }
        Row row = rows.iterator().next();
        return new JsonObject()
                .put("session_id", row.getString("id"))
                .put("agent", row.getString("agent"))
                .put("summary", row.getString("summary"))
                .put("started_at", Rows.seconds(row, "started_at"))
                .put("ended_at", Rows.seconds(row, "ended_at"));
    }

    private String newId() {
        return SortableId.next(PREFIX, clock.millis());
    }
}
