package dev.holdfast.cli.verify;

import dev.holdfast.db.ConnectionUri;
import dev.holdfast.db.DbConfig;
import dev.holdfast.db.Trial;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * What can be known of a server without having logged in, and whether the service itself would be let in.
 *
 * @param unknown whether the host has no address
 * @param trial null if no address answers
 */
record Network(
        boolean unknown,
        List<Address> addresses,
        @Nullable TlsProbe tls,
        @Nullable Trial trial) {

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** @param answers whether something listens on the port */
    record Address(InetAddress address, boolean answers) {}

    static Network of(ConnectionUri uri, DbConfig db) throws InterruptedException {
        List<Address> addresses = new ArrayList<>();
        try {
            for (InetAddress address : InetAddress.getAllByName(uri.host())) {
                addresses.add(new Address(address, answers(new InetSocketAddress(address, uri.port()))));
            }
        } catch (UnknownHostException e) {
            return new Network(true, List.of(), null, null);
        }
        return addresses.stream().noneMatch(Address::answers)
                ? new Network(false, addresses, null, null)
                : new Network(false, addresses, TlsProbe.of(uri, PATIENCE), trial(db));
    }

    boolean isReached() {
        return trial != null;
    }

    /** Whether the service would have a connection. */
    boolean isLetIn() {
        return trial != null && trial.failure() == null;
    }

    private static boolean answers(InetSocketAddress address) {
        try (Socket socket = new Socket()) {
            socket.connect(address, (int) PATIENCE.toMillis());
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Trial trial(DbConfig db) throws InterruptedException {
        // In a container's read-only file system there is no room for a cache.
        Vertx vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setWorkerPoolSize(1)
                .setFileSystemOptions(
                        new FileSystemOptions().setFileCachingEnabled(false).setClassPathResolvingEnabled(false)));
        try {
            return Trial.of(vertx, db).toCompletionStage().toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        } finally {
            vertx.close();
        }
    }
}
