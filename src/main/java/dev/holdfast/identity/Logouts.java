package dev.holdfast.identity;

import dev.holdfast.db.Database;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sessions that were ended before their time. Each replica keeps those of its own and those that PostgreSQL has told it of,
 * so that checking one takes no connection; what PostgreSQL has not heard of, the others don't know.
 */
@ApplicationScoped
class Logouts {

    static final String ENDED = "select id from admin_logouts where until > now()";

    private final Database database;
    private final Map<String, Instant> own = new ConcurrentHashMap<>();
    private volatile Set<String> told = Set.of();

    Logouts(Database database) {
        this.database = database;
    }

    void watch(@Observes StartupEvent start, Monitor monitor) {
        monitor.watch("identity.logouts", ENDED, this::load);
    }

    private void load(RowSet<Row> rows) {
        Set<String> ids = new HashSet<>();
        rows.forEach(row -> ids.add(row.getString("id")));
        told = Set.copyOf(ids);
    }

    boolean has(String session) {
        return own.containsKey(session) || told.contains(session);
    }

    private static final Statement ADD = Statement.write("admin.log_out", """
            with past as (
              delete from admin_logouts where until <= now()
            )
            insert into admin_logouts (id, until) values ($1, $2) on conflict (id) do nothing
            """);

    /** @param until from when on the session would have ended anyway */
    Uni<Void> add(Ticket ticket, String session, Instant until) {
        own.values().removeIf(end -> end.isBefore(Instant.now()));
        own.put(session, until);
        return database.query(ticket, ADD, Tuple.of(session, until.atOffset(ZoneOffset.UTC)), rows -> true)
                .replaceWithVoid();
    }
}
