package dev.holdfast.identity;

import dev.holdfast.db.BadSetting;
import dev.holdfast.db.Database;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Statement;
import dev.holdfast.db.Ticket;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes when stored keys were last used, for all of them in one statement now and then. A request only leaves a note in
 * memory; notes that can't be written are dropped.
 */
@ApplicationScoped
class KeyUse {

    private static final Logger LOG = Logger.getLogger(KeyUse.class);
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** No project can have this name. */
    private static final String PROJECT = "(keys)";

    private final Vertx vertx;
    private final Database database;
    private final Duration interval;
    private final Map<Principal, Long> notes = new ConcurrentHashMap<>();
    private long timer;

    KeyUse(Vertx vertx, Database database, IdentityConfig config) {
        this.vertx = vertx;
        this.database = database;
        this.interval = config.auth().lastUsedInterval();
        outOfRange(new BadSetting.Finder(), interval).refuse();
    }

    static BadSetting.Finder outOfRange(BadSetting.Finder finder, Duration interval) {
        return finder.atLeast(SHORTEST, "1 minute", interval, "holdfast.auth.last-used-interval");
    }

    void start(@Observes StartupEvent event) {
        timer = vertx.setPeriodic(interval.toMillis(), id -> write().subscribe().with(done -> {}));
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    /** @param epochMillis when the key of {@code principal} let a request in */
    void note(Principal principal, long epochMillis) {
        notes.put(principal, epochMillis);
    }

    /** Replicas that saw the same key do not write it twice within a minute, and do not wait for each other. */
    private static final Statement WRITE = Statement.write("keys.used", """
            with used as (
              select k.project_id, k.id, to_timestamp(u.millis / 1000.0) as at
              from unnest($1::text[], $2::text[], $3::bigint[]) as u (project, id, millis)
              join api_keys k on k.project_id = u.project and k.id = u.id
              where k.last_used_at is null or k.last_used_at < to_timestamp(u.millis / 1000.0) - interval '1 minute'
              for no key update of k skip locked
            )
            update api_keys k set last_used_at = used.at
            from used where k.project_id = used.project_id and k.id = used.id
            """);

    /** Writes the notes there are; never fails. */
    Uni<@Nullable Void> write() {
        List<String> projects = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        List<Long> millis = new ArrayList<>();
        for (Principal principal : List.copyOf(notes.keySet())) {
            Long at = notes.remove(principal);
            if (at != null) {
                projects.add(principal.project());
                keys.add(principal.keyId());
                millis.add(at);
            }
        }
        if (keys.isEmpty()) {
            return Uni.createFrom().nullItem();
        }
        Tuple params =
                Tuple.of(projects.toArray(String[]::new), keys.toArray(String[]::new), millis.toArray(Long[]::new));
        return database.<@Nullable Void>query(new Ticket(PROJECT, Deadline.in(LIMIT)), WRITE, params, rows -> null)
                .onFailure()
                .invoke(e -> LOG.debugf("When keys were last used could not be written: %s", e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }
}
