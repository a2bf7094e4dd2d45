package dev.holdfast.identity;

import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;

/**
 * A log-in to the admin page.
 *
 * @param id random; what a log-out names
 * @param since when the key was shown, in whole seconds
 * @param until from when on it must be shown again, in whole seconds
 */
record Session(String id, Instant since, Instant until) {

    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int ID = 16;

    Session {
        since = since.truncatedTo(ChronoUnit.SECONDS);
        until = until.truncatedTo(ChronoUnit.SECONDS);
    }

    static Session begin(Instant now, Instant until) {
        byte[] id = new byte[ID];
        RANDOM.nextBytes(id);
        return new Session(HexFormat.of().formatHex(id), now, until);
    }

    Session until(Instant later) {
        return new Session(id, since, later);
    }

    boolean isAt(Instant now) {
        return now.isBefore(until);
    }
}
