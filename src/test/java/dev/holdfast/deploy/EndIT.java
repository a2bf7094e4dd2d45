package dev.holdfast.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.TestDatabase;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How the packaged service ends when Kubernetes tells it to. */
class EndIT {

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();

    @Test
    void withNothingLeftToAnswerNobodyIsWaitedFor() throws Exception {
        try (TestDatabase database = TestDatabase.newDatabase();
                RunningService service = new RunningService(
                        List.of(JAVA, "-jar", "target/quarkus-app/quarkus-run.jar"),
                        Map.of("DATABASE_URL", database.url()))) {
            service.untilHealthy();
            assertThat(service.post("/v1/conversations", "{}").statusCode()).isEqualTo(200);

            assertThat(service.stop()).isEqualTo(143);
            assertThat(service.log()).contains("holdfast stopped in").doesNotContain("Timed out waiting");
        }
    }
}
