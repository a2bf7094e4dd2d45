package dev.holdfast.db;

import static dev.holdfast.db.DatabaseRig.get;
import static dev.holdfast.db.DatabaseRig.ticket;

import dev.holdfast.testkit.TlsServer;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.dns.AddressResolverOptions;
import io.vertx.sqlclient.Tuple;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** {@link Database}s on the server whose TLS can be changed; {@code *.holdfast.test} is this host. */
final class TlsRig implements AutoCloseable {

    private static final String DISABLE_RESOLVER = "vertx.disableDnsResolver";

    final TlsServer server = TlsServer.shared();
    final TestConfig config = new TestConfig();
    final Vertx vertx = vertx();
    private Database db;

    TlsRig() {
        config.url = Optional.of(server.url("localhost"));
        config.outageAfter = Duration.ZERO;
    }

    /** Quarkus, whose tests share this JVM, has Vert.x resolve names by the platform, which knows none of ours. */
    private static Vertx vertx() {
        String before = System.getProperty(DISABLE_RESOLVER);
        System.setProperty(DISABLE_RESOLVER, "false");
        try {
            return Vertx.vertx(new VertxOptions()
                    .setAddressResolverOptions(new AddressResolverOptions()
                            .setHostsValue(Buffer.buffer(
                                    "127.0.0.1 localhost db.holdfast.test a.b.holdfast.test holdfast.test"))));
        } finally {
            if (before == null) {
                System.clearProperty(DISABLE_RESOLVER);
            } else {
                System.setProperty(DISABLE_RESOLVER, before);
            }
        }
    }

    TlsRig mode(String sslMode, Path rootCert) {
        config.sslMode = Optional.of(sslMode);
        config.sslRootCert = Optional.ofNullable(rootCert).map(Path::toString);
        return this;
    }

    /** Sends the connections to another port than the server's. */
    TlsRig port(int port) {
        config.url = Optional.of(server.url("localhost").replace(":" + server.port() + "/", ":" + port + "/"));
        return this;
    }

    /** Made with the configuration as it is at the first call, or the first since the pool was {@link #forget forgotten}. */
    Database db() {
        if (db == null) {
            db = Databases.of(vertx, config);
        }
        return db;
    }

    PoolFigures figures() {
        return db().figures();
    }

    /** Whether a connection of the pool is encrypted, as PostgreSQL sees it. */
    Uni<Boolean> encrypted() {
        return db().query(
                        ticket(DatabaseRig.LONG),
                        Statement.read("test.tls", "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"),
                        Tuple.tuple(),
                        rows -> rows.iterator().next().getBoolean("ssl"));
    }

    /** {@code encrypted} or {@code plaintext}; fails with what the pool says where there is no way in. */
    String outcome() {
        return get(encrypted()) ? "encrypted" : "plaintext";
    }

    /** The next use makes a new pool. */
    void forget() {
        if (db != null) {
            db.shutDown(null);
            db = null;
        }
    }

    @Override
    public void close() {
        forget();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
