package dev.holdfast.db;

import io.netty.channel.EventLoop;
import io.vertx.core.AsyncResult;
import io.vertx.core.impl.ContextInternal;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.SqlConnection;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks Vert.x's pool for connections, always on a context of ours: the connection that it lends keeps that, and a request's
 * would be kept alive by it.
 */
final class PoolLender implements Lender {

    private final Pool pool;
    private final PoolDriver driver;
    private final Wire wire;
    private final ConnectLog log;
    private final Homes homes;
    private final Timers timers;
    private final Map<EventLoop, Lane> lanes = new ConcurrentHashMap<>();

    PoolLender(Pool pool, DatasourcePool source, Timers timers, ConnectLog log) {
        this.pool = pool;
        this.driver = source.driver;
        this.wire = source.wire;
        this.homes = source.homes;
        this.log = log;
        this.timers = timers;
    }

    @Override
    public Object anyHome() {
        return homes.of(null).nettyEventLoop();
    }

    @Override
    public Runnable open(@Nullable Object home, Attempt attempt) {
        Lane lane = lane(home);
        Permit permit = new Permit(wire, log, attempt);
        // Where the pool does not even begin it; once it has, the attempt's own timer is the one.
        Runnable disarm = timers.after(wire.timeout().toNanos(), permit::expire);
        lane.due.add(() -> lane.open(permit, answered -> {
            disarm.run();
            attempt.answered(answered);
        }));
        lane.run();
        return permit::giveUp;
    }

    @Override
    public Runnable take(@Nullable Object home, Consumer<@Nullable Link> answered) {
        Lane lane = lane(home);
        lane.due.add(() -> lane.take(answered));
        return lane;
    }

    @Override
    public Runnable park(Link link) {
        Lane lane = lane(link.home());
        lane.due.add(((PgLink) link)::park);
        return lane;
    }

    private Lane lane(@Nullable Object home) {
        EventLoop loop = home == null ? homes.of(null).nettyEventLoop() : (EventLoop) home;
        return lanes.computeIfAbsent(loop, l -> new Lane(homes.of(l), driver.permits(l)));
    }

    /** What is asked of the pool on one event loop, one after another; only {@code due} is touched elsewhere. */
    private final class Lane implements Runnable {

        private final ContextInternal context;
        private final PoolDriver.Permits permits;
        private final Queue<Runnable> due = new ConcurrentLinkedQueue<>();
        private boolean running;
        private int asked;

        Lane(ContextInternal context, PoolDriver.Permits permits) {
            this.context = context;
            this.permits = permits;
        }

        /** Does what is due, at once if this is the event loop. */
        @Override
        public void run() {
            EventLoop loop = context.nettyEventLoop();
            if (loop.inEventLoop()) {
                drain();
            } else {
                loop.execute(this::drain);
            }
        }

        private void drain() {
            if (running) {
                return;
            }
            running = true;
            try {
                Runnable next;
                while ((next = due.poll()) != null) {
                    context.dispatch(next);
                }
            } finally {
                running = false;
            }
        }

        void take(Consumer<@Nullable Link> answered) {
            asked++;
            pool.getConnection().onComplete(answer -> {
                asked--;
                if (answer.succeeded()) {
                    answered(answer, answered);
                } else {
                    // Not at once: who is told would ask again, and others have to get their turn.
                    context.runOnContext(v -> answered(answer, answered));
                }
            });
        }

        void open(Permit permit, Consumer<@Nullable Link> answered) {
            asked++;
            permits.add(permit);
            pool.getConnection().onComplete(answer -> {
                asked--;
                answered(answer, answered);
            });
        }

        /** Another may have used the permit of whoever is answered, whose own is then for another. */
        private void answered(AsyncResult<SqlConnection> answer, Consumer<@Nullable Link> answered) {
            try {
                permits.withdraw(() -> asked);
            } finally {
                answered.accept(answer.failed() ? null : lent(answer.result()));
            }
        }

        private PgLink lent(SqlConnection handle) {
            PgLink link = Wire.linkOf(handle);
            link.lentAs(handle, context);
            return link;
        }
    }
}
