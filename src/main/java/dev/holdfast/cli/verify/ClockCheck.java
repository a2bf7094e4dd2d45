package dev.holdfast.cli.verify;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;

/** How far the server's clock is from ours, and how long an answer takes. */
final class ClockCheck implements Check {

    private static final int TRIES = 5;
    private static final Duration SKEW = Duration.ofSeconds(2);
    private static final Duration SLOW = Duration.ofMillis(10);

    @Override
    public String name() {
        return "clock";
    }

    @Override
    public void look(Subject subject, Findings findings) throws SQLException {
        Duration fastest = Duration.ofDays(1);
        Duration skew = Duration.ZERO;
        for (int i = 0; i < TRIES; i++) {
            Instant before = Instant.now();
            long startedAt = System.nanoTime();
            String micros = Objects.requireNonNull(subject.server()
                    .row("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS micros")
                    .get("micros"));
            Duration took = Duration.ofNanos(System.nanoTime() - startedAt);
            if (took.compareTo(fastest) < 0) {
                fastest = took;
                skew = Duration.between(
                        before.plus(took.dividedBy(2)),
                        Instant.EPOCH.plus(Duration.ofNanos(Long.parseLong(micros) * 1000)));
            }
        }
        say(fastest, skew, findings);
    }

    static void say(Duration roundTrip, Duration skew, Findings findings) {
        String took = Demand.figure(roundTrip.toNanos() / 1e6) + " ms";
        if (roundTrip.compareTo(SLOW) > 0) {
            findings.warning(
                    "server",
                    "takes " + took + " for an answer at best, and every request has a connection for that long",
                    "run the service closer to it");
        } else {
            findings.info("server", "takes " + took + " for an answer at best");
        }
        if (skew.abs().compareTo(SKEW) > 0) {
            findings.warning(
                    "server",
                    "has a clock that is " + skew.abs().toSeconds() + " s "
                            + (skew.isNegative() ? "behind" : "ahead of") + " ours",
                    "set both by NTP");
        } else {
            findings.info(
                    "server", "has a clock within " + Math.max(1, skew.abs().toMillis()) + " ms of ours");
        }
    }
}
