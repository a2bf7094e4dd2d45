package dev.holdfast.db;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** The wait for connections to be closed when the process ends; never on an event loop. */
final class Farewell {

    private static final Logger LOG = Logger.getLogger(Farewell.class);

    /** A local PostgreSQL takes milliseconds; one that is silent is not waited for. */
    private static final long LIMIT_MILLIS = 2_000;

    private Farewell() {}

    static void await(CountDownLatch ended) {
        try {
            if (!ended.await(LIMIT_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.warnf("Connections to PostgreSQL were still open %d ms after they were to be closed", LIMIT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
