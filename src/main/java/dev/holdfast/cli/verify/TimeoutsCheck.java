package dev.holdfast.cli.verify;

import dev.holdfast.db.DbConfig;
import dev.holdfast.http.HttpConfig;
import java.time.Duration;

/** Times that do not go together. */
final class TimeoutsCheck implements Check {

    private static final Duration SHORT_LIFE = Duration.ofSeconds(30);

    @Override
    public String name() {
        return "timeouts";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        DbConfig db = subject.db();
        Duration deadline = subject.settings().mapping(HttpConfig.class).requestTimeout();
        clamped(subject, findings, "holdfast.db.acquire-timeout", db.acquireTimeout(), deadline);
        clamped(subject, findings, "holdfast.db.statement-timeout", db.statementTimeout(), deadline);
        if (db.slowQuery().compareTo(deadline) >= 0) {
            findings.warning(
                    subject.key("holdfast.db.slow-query"),
                    "is not below the requests' deadline, so that nothing is ever logged as slow",
                    "set it to a few seconds");
        }
        unlimited(subject, findings, "holdfast.db.statement-timeout", db.statementTimeout(), "statements run");
        unlimited(
                subject,
                findings,
                "holdfast.db.idle-in-transaction-timeout",
                db.idleInTransactionTimeout(),
                "an open transaction holds its locks");
        if (db.maxLifetime().compareTo(SHORT_LIFE) < 0) {
            findings.warning(
                    subject.key("holdfast.db.max-lifetime"),
                    "is so short that connections are opened again and again",
                    "set it to minutes, such as 300s");
        }
        if (db.idleCheck().compareTo(db.idleTimeout()) >= 0) {
            findings.info(
                    subject.key("holdfast.db.idle-check"),
                    "is not below HOLDFAST_DB_IDLE_TIMEOUT: idle connections are closed before they are ever checked");
        }
    }

    private static void clamped(Subject subject, Findings findings, String setting, Duration value, Duration deadline) {
        if (value.compareTo(deadline) > 0) {
            findings.info(
                    subject.key(setting),
                    "is longer than a request may take ("
                            + subject.key("holdfast.http.request-timeout")
                            + "), and is cut to what is left of that");
        }
    }

    private static void unlimited(Subject subject, Findings findings, String setting, Duration value, String what) {
        if (value.isZero()) {
            findings.add(
                    subject.options().production() ? Severity.WARNING : Severity.INFO,
                    subject.key(setting),
                    "is 0: " + what + " for as long as it likes when its client is gone",
                    "set it to 30s");
        }
    }
}
