package dev.holdfast.http;

import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads request bodies: small ones in place, large ones on a worker thread, because they would hold up the event loop. */
@ApplicationScoped
public class Parsing {

    private static final int LARGE = 64 * 1024;
    private static final byte[] NONE = {};

    private final Vertx vertx;

    Parsing(Vertx vertx) {
        this.vertx = vertx;
    }

    /** What a request asks for, and the key with which it may be repeated. */
    public record Keyed<T>(T asked, @Nullable IdempotencyKey key) {}

    public <T> Uni<Keyed<T>> readKeyed(RoutingContext ctx, Function<byte[], T> reader) {
        return read(ctx, body -> new Keyed<>(reader.apply(body), IdempotencyKey.of(ctx)));
    }

    public <T> Uni<T> read(RoutingContext ctx, Function<byte[], T> reader) {
        Buffer buffer = ctx.body().buffer();
        byte[] body = buffer == null ? NONE : buffer.getBytes();
        return body.length < LARGE
                ? Uni.createFrom().item(reader.apply(body))
                : Uni.createFrom()
                        .completionStage(() -> vertx.executeBlocking(() -> reader.apply(body), false)
                                .toCompletionStage());
    }
}
