package dev.holdfast.load;

import java.util.Map;
import java.util.Optional;

/** The service under load. */
interface Subject extends AutoCloseable {

    /** Where its API is, without a slash at the end. */
    String url();

    /** Where its metrics are. */
    String management();

    String adminKey();

    /** Its process on this machine. */
    Optional<Long> pid();

    /** What is to be said of it: PostgreSQL, options of the JVM. */
    Map<String, String> facts();

    @Override
    void close();
}
