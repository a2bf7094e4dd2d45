package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.testkit.AtRest;
import dev.holdfast.testkit.TestDatabase;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.awaitility.core.ConditionFactory;

/** A {@link Database} on a real server, told apart from all others there by its application name. */
final class DatabaseRig implements AutoCloseable {

    static final Duration LONG = Duration.ofSeconds(30);

    final TestDatabase server = TestDatabase.shared();
    final TestConfig config = new TestConfig();
    final Vertx vertx = Vertx.vertx();

    /** What is put between the database and Vert.x's pool. */
    UnaryOperator<Pool> pool = UnaryOperator.identity();

    private Database db;

    DatabaseRig() {
        config.url = Optional.of(server.url());
        config.applicationName = "holdfast-" + UUID.randomUUID();
    }

    /** Made with the configuration as it is at the first call. */
    synchronized Database db() {
        if (db == null) {
            db = Databases.of(vertx, config, pool);
        }
        return db;
    }

    int serverPort() {
        return URI.create(server.url()).getPort();
    }

    /** Sends the connections to another port of this host than PostgreSQL's own. */
    void port(int port) {
        config.url = Optional.of(server.url().replaceFirst("@[^/]*/", "@localhost:" + port + "/"));
    }

    static Ticket ticket(Duration deadline) {
        return new Ticket("p", Deadline.in(deadline));
    }

    Uni<RowSet<Row>> run(Statement statement, Object... params) {
        return db().query(ticket(LONG), statement, Tuple.from(params), rows -> rows);
    }

    Uni<RowSet<Row>> read(String sql, Object... params) {
        return run(Statement.read("test.read", sql), params);
    }

    Uni<RowSet<Row>> write(String sql, Object... params) {
        return run(Statement.write("test.write", sql), params);
    }

    static <T> T get(Uni<T> uni) {
        return uni.await().atMost(LONG);
    }

    static DbException failureOf(Uni<?> uni) {
        return catchThrowableOfType(DbException.class, () -> get(uni));
    }

    static ConditionFactory soon() {
        return await().pollInterval(5, TimeUnit.MILLISECONDS).atMost(10, TimeUnit.SECONDS);
    }

    PoolFigures figures() {
        return db().figures();
    }

    long backends() {
        return server.value(
                Long.class, "SELECT count(*) FROM pg_stat_activity WHERE application_name = ?", config.applicationName);
    }

    long activeBackends() {
        return server.value(
                Long.class,
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = ? AND state = 'active'",
                config.applicationName);
    }

    void awaitActive(int count) {
        soon().untilAsserted(() -> assertThat(activeBackends()).isEqualTo(count));
    }

    void terminateBackends() {
        server.query(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = ?",
                config.applicationName);
    }

    /** Waits until nothing is under way, and checks that the figures agree with each other and with PostgreSQL. */
    PoolFigures atRest() {
        return AtRest.of(db(), this::backends);
    }

    @Override
    public void close() {
        if (db != null) {
            db.shutDown(null);
            soon().untilAsserted(() -> assertThat(backends()).isZero());
        }
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }
}
