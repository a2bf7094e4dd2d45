package dev.holdfast.fire;

import dev.holdfast.testkit.OwnServer;
import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.List;
import java.util.Map;

/** A service with a pool of a usual kind in front of an {@link OwnServer}. */
public class UnderFire implements QuarkusTestProfile {

    static final int SIZE = 16;
    static final int WAITING = 500;

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of(
                "holdfast.db.max-size", Integer.toString(SIZE),
                "holdfast.db.max-waiting", Integer.toString(WAITING),
                "holdfast.db.connect-timeout", "3s");
    }

    @Override
    public List<TestResourceEntry> testResources() {
        return List.of(new TestResourceEntry(OwnServer.class));
    }
}
