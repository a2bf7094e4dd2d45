package dev.holdfast.db;

import io.netty.channel.EventLoop;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.pgclient.spi.PgDriver;
import io.vertx.sqlclient.SqlConnectOptions;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.spi.ConnectionFactory;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntSupplier;
import java.util.function.Supplier;

/**
 * The driver of Vert.x's pool, which opens a connection only with a permit of ours. Without one the pool is told at once that it
 * is not the time: it opens one where it has none idle on the caller's event loop, whether or not there are others, and
 * knows neither spacing nor a limit of attempts.
 */
final class PoolDriver extends PgDriver {

    private static final NotNow NOT_NOW = new NotNow();

    private final Homes homes;
    private final Map<EventLoop, Permits> permits = new ConcurrentHashMap<>();

    PoolDriver(Homes homes) {
        this.homes = homes;
    }

    /** The permits for an event loop. Thread-safe: the pool may connect on another than the caller's. */
    static final class Permits {

        private final Queue<Permit> unused = new ConcurrentLinkedQueue<>();
        private final AtomicInteger connecting = new AtomicInteger();

        void add(Permit permit) {
            unused.add(permit);
        }

        /**
         * Takes back what is not needed.
         *
         * @param asked how many ask for a connection, at each moment; those for whom one is being opened need no permit
         */
        void withdraw(IntSupplier asked) {
            Permit permit;
            while (unused.size() > asked.getAsInt() - connecting.get() && (permit = unused.poll()) != null) {
                permit.unused();
            }
        }

        private Future<SqlConnection> connect(ContextInternal home) {
            connecting.incrementAndGet();
            Permit permit;
            while ((permit = unused.poll()) != null) {
                if (permit.claim()) {
                    return permit.open(home).onComplete(ended -> connecting.decrementAndGet());
                }
            }
            connecting.decrementAndGet();
            return Future.failedFuture(NOT_NOW);
        }
    }

    Permits permits(EventLoop loop) {
        return permits.computeIfAbsent(loop, l -> new Permits());
    }

    @Override
    public ConnectionFactory createConnectionFactory(
            Vertx vertx, Supplier<? extends Future<? extends SqlConnectOptions>> database) {
        return new Factory();
    }

    private final class Factory implements ConnectionFactory {

        @Override
        public Future<SqlConnection> connect(Context context) {
            EventLoop loop = ((ContextInternal) context).nettyEventLoop();
            return permits(loop).connect(homes.of(loop));
        }

        @Override
        public Future<SqlConnection> connect(Context context, SqlConnectOptions options) {
            return connect(context);
        }

        @Override
        public void close(Promise<Void> closed) {
            closed.complete();
        }
    }

    private static final class NotNow extends RuntimeException {

        NotNow() {
            super("no permit to open a connection", null, false, false);
        }
    }
}
