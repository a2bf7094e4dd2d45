package dev.holdfast.http;

import io.quarkus.runtime.annotations.RegisterForReflection;
import io.quarkus.runtime.shutdown.ShutdownListener;
import io.quarkus.runtime.shutdown.ShutdownRecorder;
import java.lang.reflect.Field;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Quarkus asks its extensions to finish and waits until all have said that they have, {@code quarkus.shutdown.timeout} at
 * most. That for Jackson, in 3.30, finishes and never says so: every end would take the whole timeout. There is no other
 * way to that list than its field.
 */
@RegisterForReflection(targets = ShutdownRecorder.class)
final class JacksonsFarewell {

    private static final Logger LOG = Logger.getLogger(JacksonsFarewell.class);

    private JacksonsFarewell() {}

    /** To be called before Quarkus asks. */
    static void arrange() {
        try {
            Field field = ShutdownRecorder.class.getDeclaredField("shutdownListeners");
            field.setAccessible(true);
            field.set(
                    null,
                    ((List<?>) field.get(null))
                            .stream()
                                    .map(listener -> spokenFor((ShutdownListener) listener))
                                    .toList());
        } catch (ReflectiveOperationException e) {
            LOG.warnf("The end will take the whole of quarkus.shutdown.timeout: %s", e);
        }
    }

    private static ShutdownListener spokenFor(ShutdownListener listener) {
        return listener.getClass().getName().startsWith("io.quarkus.jackson.") ? new SpokenFor(listener) : listener;
    }

    private record SpokenFor(ShutdownListener listener) implements ShutdownListener {

        @Override
        public void shutdown(ShutdownNotification notification) {
            // Where a later Quarkus says so itself, it is said once all the same.
            listener.shutdown(() -> {});
            notification.done();
        }
    }
}
