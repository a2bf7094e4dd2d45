package dev.holdfast.admin.page;

import dev.holdfast.testkit.OwnServer;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;
import java.util.Map;

/** A pool that is soon full, in front of a server that can be stopped, and quick to notice either. */
public class LookedAt implements QuarkusTestProfile {

    static final int SIZE = 10;
    static final int WAITING = 20;

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "holdfast.db.max-size", Integer.toString(SIZE),
                "holdfast.db.max-waiting", Integer.toString(WAITING),
                "holdfast.db.acquire-timeout", "30s",
                "holdfast.db.connect-timeout", "1s",
                "holdfast.db.outage-after", "200ms",
                "holdfast.db.monitor-interval", "200ms",
                "holdfast.db.replicas", "2");
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(OwnServer.class));
    }
}
