package dev.holdfast.testkit;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A service that is quick to be full and quick to notice: two connections, two waiters, a {@link ProxiedDatabase}. It
 * logs everything, as JSON, and finds slow what takes a millisecond. Wrong keys are limited, as in production, by the
 * address that {@code X-Forwarded-For} names.
 */
public class SmallPool implements QuarkusTestProfile {

    public static final int SIZE = 2;
    public static final int WAITING = 2;
    public static final int FAILURES = 20;

    @Override
    public Map<String, String> getConfigOverrides() {
        Map<String, String> settings = new HashMap<>();
        settings.put("holdfast.db.max-size", Integer.toString(SIZE));
        settings.put("holdfast.db.max-waiting", Integer.toString(WAITING));
        settings.put("holdfast.db.project-max-waiting", Integer.toString(WAITING));
        settings.put("holdfast.db.acquire-timeout", "20s");
        settings.put("holdfast.http.max-held-bytes", "20M");
        settings.put("holdfast.db.lifo-after", "1h");
        settings.put("holdfast.db.connect-timeout", "1s");
        settings.put("holdfast.db.outage-after", "200ms");
        settings.put("holdfast.db.monitor-interval", "200ms");
        settings.put("holdfast.db.slow-query", "1ms");
        settings.put("holdfast.inbox.lease", "5s");
        settings.put("holdfast.auth.max-failures", Integer.toString(FAILURES));
        settings.put("quarkus.http.proxy.proxy-address-forwarding", "true");
        settings.put("quarkus.log.category.\"dev.holdfast\".level", "DEBUG");
        settings.put("HOLDFAST_LOG_JSON", "true");
        return settings;
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(ProxiedDatabase.class));
    }
}
