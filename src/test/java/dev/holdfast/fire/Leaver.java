package dev.holdfast.fire;

import dev.holdfast.testkit.Api;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.util.concurrent.CompletableFuture;

/**
 * A client that sends one request and goes away without its answer, or with half of it. Everything but {@link #over} is on
 * one event loop.
 */
final class Leaver {

    /** When it goes. */
    enum Moment {
        /** A while after it has sent its request. */
        WAITING,
        /** When it has read the beginning of the answer, and left the rest where it was for a while. */
        READING,
        /** Not before it has its answer. */
        NEVER
    }

    /** Comes with what it has read when its connection has ended. */
    final CompletableFuture<Buffer> over = new CompletableFuture<>();

    private final Vertx vertx;
    private final Moment moment;
    private final long afterMillis;
    private final Buffer read = Buffer.buffer();

    /**
     * @param afterMillis the while; at least 1
     */
    Leaver(Vertx vertx, Moment moment, long afterMillis) {
        this.vertx = vertx;
        this.moment = moment;
        this.afterMillis = afterMillis;
    }

    /** @param body null for a GET */
    void send(NetClient net, int port, String path, String body) {
        net.connect(port, "localhost").onComplete(connected -> {
            if (connected.failed()) {
                over.completeExceptionally(connected.cause());
                return;
            }
            NetSocket socket = connected.result();
            socket.closeHandler(v -> over.complete(read));
            socket.handler(bytes -> {
                read.appendBuffer(bytes);
                if (moment == Moment.READING) {
                    socket.pause();
                    leaveLater(socket);
                }
            });
            socket.write(
                    (body == null ? "GET " : "POST ") + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + "Authorization: Bearer " + Api.KEY + "\r\nContent-Type: application/json\r\n"
                            + "Content-Length: " + (body == null ? 0 : body.length()) + "\r\n\r\n"
                            + (body == null ? "" : body));
            if (moment == Moment.WAITING) {
                leaveLater(socket);
            }
        });
    }

    private void leaveLater(NetSocket socket) {
        vertx.setTimer(afterMillis, id -> socket.close());
    }
}
