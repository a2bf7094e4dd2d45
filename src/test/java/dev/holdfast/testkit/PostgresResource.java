package dev.holdfast.testkit;

import dev.holdfast.sealing.Keyset;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import java.util.Map;

/** Gives every {@code @QuarkusTest} the shared database and a keyset; no test has to ask for them. */
@WithTestResource(value = PostgresResource.class, scope = TestResourceScope.GLOBAL)
public class PostgresResource implements QuarkusTestResourceLifecycleManager {

    /** What provider keys are sealed with; for the rows of other runs there is no key. */
    public static final String KEYSET = Keyset.generate();

    @Override
    public Map<String, String> start() {
        return Map.of("holdfast.db.url", TestDatabase.shared().url(), "holdfast.keyset", KEYSET);
    }

    // The server is the JVM's, not this application's: it stops when the JVM exits.
    @Override
    public void stop() {}
}
