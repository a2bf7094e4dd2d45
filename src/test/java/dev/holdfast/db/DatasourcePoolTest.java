package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.arc.ClientProxy;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.lang.reflect.Field;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The pool that Quarkus' datasource is, as it was really made. */
@QuarkusTest
class DatasourcePoolTest {

    @Inject
    Pool pool;

    @Inject
    DatasourcePool source;

    @Inject
    DbConfig config;

    @Inject
    Database database;

    @Inject
    Vertx vertx;

    @Test
    void itsSizeAndItsQueueAreAsConfigured() throws Exception {
        Object connections = connections();

        assertThat(field(connections, "maxSize")).isEqualTo(config.maxSize()).isEqualTo(50);
        assertThat(field(field(connections, "pool"), "maxWaiters"))
                .isEqualTo(config.maxWaiting())
                .isEqualTo(500);
    }

    /** Each of the four loses slots or misplaces connections if it is set. */
    @Test
    void itsOwnLimitsOfTimeAndItsNumberOfEventLoopsAreOff() throws Exception {
        PoolOptions options = source.options();
        assertThat(options.getConnectionTimeout()).isZero();
        assertThat(options.getIdleTimeout()).isZero();
        assertThat(options.getMaxLifetime()).isZero();
        assertThat(options.getEventLoopSize()).isZero();

        Object implementation = field(ClientProxy.unwrap(pool), "delegate");
        assertThat(field(implementation, "connectionTimeout")).isEqualTo(0L);
        assertThat(field(implementation, "idleTimeout")).isEqualTo(0L);
        assertThat(field(implementation, "maxLifetime")).isEqualTo(0L);
        assertThat(field(implementation, "pipelined")).isEqualTo(false);
    }

    @Test
    void aQueueThatIsShorterThanThePoolIsNot() {
        TestConfig small = new TestConfig();
        small.url = config.url();
        small.maxSize = 20;
        small.maxWaiting = 0;

        assertThat(new DatasourcePool(vertx, small).options().getMaxWaitQueueSize())
                .as("a connect attempt counts as waiting")
                .isEqualTo(20);
    }

    @Test
    void requestsRunOnItsConnections() {
        DatabaseRig.get(database.query(
                new Ticket("p", Deadline.in(Duration.ofSeconds(10))),
                Statement.read("test.read", "SELECT 42"),
                Tuple.tuple(),
                rows -> rows));

        assertThat(pool.size()).isPositive().isEqualTo(database.held());
    }

    private Object connections() throws Exception {
        return field(field(ClientProxy.unwrap(pool), "delegate"), "pool");
    }

    private static Object field(Object of, String name) throws Exception {
        for (Class<?> type = of.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getName().equals(name)) {
                    field.setAccessible(true);
                    return field.get(of);
                }
            }
        }
        throw new NoSuchFieldException(name + " of " + of.getClass());
    }
}
