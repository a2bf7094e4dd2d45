package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Stands where PostgreSQL should be, or in front of it, and misbehaves. */
final class FaultyServer implements AutoCloseable {

    enum Mode {
        /** Passes everything on to PostgreSQL. */
        PASS,
        /** Accepts, and never says anything. */
        SILENT,
        /** Says yes to TLS, and nothing more. */
        SILENT_IN_TLS,
        /** Accepts and closes. */
        CLOSE,
        /** No TLS, and no password is right. */
        WRONG_PASSWORD
    }

    private final Vertx vertx;
    private final int target;
    private final NetServer server;
    private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    volatile Mode mode;

    FaultyServer(Vertx vertx, int target, Mode mode) {
        this(vertx, target, mode, 0);
    }

    /**
     * @param target PostgreSQL's port
     * @param port where to listen; 0 for any
     */
    FaultyServer(Vertx vertx, int target, Mode mode, int port) {
        this.vertx = vertx;
        this.target = target;
        this.mode = mode;
        server = join(vertx.createNetServer().connectHandler(this::accept).listen(port, "localhost"));
    }

    int port() {
        return server.actualPort();
    }

    int accepted() {
        return accepted.get();
    }

    /** Connections that the other side has not closed. */
    int open() {
        return open.size();
    }

    /** Ends all connections there are. */
    void cut() {
        open.forEach(NetSocket::close);
    }

    /** Whatever comes on the connections there are is left unread from now on; new ones are as before. */
    void fallSilent() {
        open.forEach(NetSocket::pause);
    }

    @Override
    public void close() {
        join(server.close());
        cut();
    }

    private void accept(NetSocket client) {
        accepted.incrementAndGet();
        open.add(client);
        client.closeHandler(v -> open.remove(client));
        switch (mode) {
            case CLOSE -> client.close();
            case PASS -> pass(client);
            default -> client.handler(message -> answer(client, message));
        }
    }

    private void answer(NetSocket client, Buffer message) {
        boolean tlsRequest = message.length() == 8;
        if (mode == Mode.SILENT_IN_TLS && tlsRequest) {
            client.write("S");
        } else if (mode == Mode.WRONG_PASSWORD) {
            if (tlsRequest) {
                client.write("N");
            } else {
                byte[] fields =
                        "SFATAL\0C28P01\0Mpassword authentication failed\0\0".getBytes(StandardCharsets.US_ASCII);
                client.end(Buffer.buffer("E").appendInt(4 + fields.length).appendBytes(fields));
            }
        }
    }

    private void pass(NetSocket client) {
        client.pause();
        vertx.createNetClient().connect(target, "localhost").onComplete(done -> {
            if (done.failed()) {
                client.close();
                return;
            }
            NetSocket postgres = done.result();
            client.closeHandler(v -> {
                open.remove(client);
                postgres.close();
            });
            postgres.closeHandler(v -> client.close());
            client.handler(postgres::write);
            postgres.handler(client::write);
            client.resume();
        });
    }

    private static <T> T join(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }
}
