package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Database and Monitor as the container makes them: injected beans need not be the objects that they stand for. */
@QuarkusTest
class DatabaseBeansTest {

    @Inject
    Database database;

    @Inject
    Monitor monitor;

    @Test
    void theMonitorBeatsAndTheDatabaseAnswers() {
        DatabaseRig.soon().until(() -> monitor.state().state() == DatabaseState.State.OK);

        Integer answer = DatabaseRig.get(database.query(
                new Ticket("p", Deadline.in(Duration.ofSeconds(10))),
                Statement.read("test.read", "SELECT 42"),
                Tuple.tuple(),
                rows -> rows.iterator().next().getInteger(0)));

        assertThat(answer).isEqualTo(42);
    }
}
