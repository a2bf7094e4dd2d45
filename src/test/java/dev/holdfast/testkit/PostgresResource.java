package dev.holdfast.testkit;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import java.util.Map;

/** Gives every {@code @QuarkusTest} the shared database; no test has to ask for it. */
@WithTestResource(value = PostgresResource.class, scope = TestResourceScope.GLOBAL)
public class PostgresResource implements QuarkusTestResourceLifecycleManager {

    @Override
    public Map<String, String> start() {
        return Map.of("holdfast.db.url", TestDatabase.shared().url());
    }

    // The server is the JVM's, not this application's: it stops when the JVM exits.
    @Override
    public void stop() {}
}
