package dev.holdfast.db;

import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One context for each event loop: a connection must not live on the context of the request that opened it. */
final class Homes {

    private final VertxInternal vertx;
    private final Map<EventLoop, ContextInternal> contexts = new ConcurrentHashMap<>();

    Homes(Vertx vertx) {
        this.vertx = (VertxInternal) vertx;
    }

    /** @param loop null for the next in turn */
    ContextInternal of(@Nullable EventLoop loop) {
        EventLoop chosen = loop == null ? vertx.createEventLoopContext().nettyEventLoop() : loop;
        return contexts.computeIfAbsent(
                chosen,
                l -> vertx.createEventLoopContext(
                        l, vertx.getWorkerPool(), getClass().getClassLoader()));
    }
}
