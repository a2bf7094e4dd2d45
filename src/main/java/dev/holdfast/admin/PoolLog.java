package dev.holdfast.admin;

import dev.holdfast.db.Database;
import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.PoolFigures;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Says in the log how the pool and PostgreSQL are: at once when it gets worse, after a moment when it gets better, and
 * every minute while it is not healthy.
 */
@ApplicationScoped
class PoolLog {

    private static final Logger LOG = Logger.getLogger(PoolLog.class);
    private static final long TICK_MILLIS = 1_000;
    private static final long REMINDER = TimeUnit.MINUTES.toNanos(1);

    /** How long a better state must last: a pool that goes up and down around a threshold is not worth a line each time. */
    private static final long SETTLED = TimeUnit.SECONDS.toNanos(5);

    /** How long the first connection may take before its absence is news. */
    private static final long START = TimeUnit.SECONDS.toNanos(5);

    private final Supplier<PoolFigures> pool;
    private final Supplier<DatabaseState> database;
    private final LongSupplier clock;
    private final long startedAt;
    private Condition said = new Condition("healthy", DatabaseState.State.OK);
    private long saidAt;
    private long unhealthySince;
    private long lastAsSaidAt;
    private Runnable stop = () -> {};

    private record Condition(String pool, DatabaseState.State database) {

        Logger.Level level() {
            if (database != DatabaseState.State.OK || pool.equals("critical")) {
                return Logger.Level.ERROR;
            }
            return pool.equals("warning") ? Logger.Level.WARN : Logger.Level.INFO;
        }

        boolean worseThan(Condition other) {
            return level().compareTo(other.level()) < 0;
        }
    }

    @Inject
    PoolLog(Database database, Monitor monitor) {
        this(database::figures, monitor::state, System::nanoTime);
    }

    PoolLog(Supplier<PoolFigures> pool, Supplier<DatabaseState> database, LongSupplier clock) {
        this.pool = pool;
        this.database = database;
        this.clock = clock;
        this.startedAt = clock.getAsLong();
        this.lastAsSaidAt = startedAt;
    }

    void start(@Observes StartupEvent event, Vertx vertx) {
        long timer = vertx.setPeriodic(TICK_MILLIS, id -> tick());
        stop = () -> vertx.cancelTimer(timer);
    }

    void stop(@Observes ShutdownEvent event) {
        stop.run();
    }

    /** Looks at the figures and says what there is to say; to be called about once a second. */
    void tick() {
        long now = clock.getAsLong();
        PoolFigures figures = pool.get();
        DatabaseState state = database.get();
        if (state.lastOkAt() == null && now - startedAt < START) {
            return;
        }
        Condition current = new Condition(figures.status(), state.state());
        if (current.equals(said)) {
            lastAsSaidAt = now;
        }
        if (isNews(current, now)) {
            boolean recovered = current.level() == Logger.Level.INFO;
            if (said.level() == Logger.Level.INFO) {
                unhealthySince = now;
            }
            say(current, recovered ? " again after " + seconds(now - unhealthySince) + " s" : "", figures, state, now);
        } else if (said.level() != Logger.Level.INFO && now - saidAt >= REMINDER) {
            say(said, " for " + seconds(now - unhealthySince) + " s", figures, state, now);
        }
    }

    private boolean isNews(Condition current, long now) {
        if (current.equals(said)) {
            return false;
        }
        boolean anotherOutage = current.database() != said.database() && !said.worseThan(current);
        return current.worseThan(said) || anotherOutage || now - lastAsSaidAt >= SETTLED;
    }

    private void say(Condition condition, String since, PoolFigures figures, DatabaseState state, long now) {
        said = condition;
        saidAt = now;
        lastAsSaidAt = now;
        LOG.log(
                condition.level(),
                String.format(
                        Locale.ROOT,
                        "Pool %s, database %s%s: utilization %.0f %%, %d in use, %d idle, %d opening, %d waiting"
                                + " (the first for %d ms), at most %d; acquire p95 %.1f ms, %d timed out%s%s",
                        condition.pool(),
                        condition.database().text(),
                        since,
                        figures.utilization() * 100,
                        figures.inUse(),
                        figures.idle(),
                        figures.opening(),
                        figures.waiting(),
                        figures.oldestWaitMillis(),
                        figures.maxSize(),
                        figures.acquire().p95(),
                        figures.timedOut(),
                        reason("last connect error", figures.lastConnectError()),
                        reason("the monitor's", state.lastError())));
    }

    private static String reason(String what, @Nullable String error) {
        return error == null ? "" : "; " + what + ": " + error;
    }

    private static long seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }
}
