package dev.holdfast.cli.verify;

import dev.holdfast.db.DbConfig;
import java.time.Duration;

/** What the role and the database set for a session; it counts where a pooler keeps our own settings from PostgreSQL. */
final class SessionCheck implements Check {

    @Override
    public String name() {
        return "session";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        ServerFacts facts = subject.server().facts();
        DbConfig db = subject.db();
        if (subject.server().pooler().mode() == Pooler.Mode.NONE) {
            findings.info(
                    "role",
                    "has statement_timeout " + facts.statementTimeout() + " ms, idle_in_transaction_session_timeout "
                            + facts.idleInTransactionTimeout() + " ms and synchronous_commit "
                            + facts.synchronousCommit() + " by itself; the service sets its own");
            return;
        }
        timeout(facts, "statement_timeout", facts.statementTimeout(), db.statementTimeout(), findings);
        timeout(
                facts,
                "idle_in_transaction_session_timeout",
                facts.idleInTransactionTimeout(),
                db.idleInTransactionTimeout(),
                findings);
        differs(Severity.WARNING, facts, "jit", facts.jit(), "off", findings);
        differs(
                DurabilityCheck.WEAK.contains(facts.synchronousCommit())
                        ? subject.options().severity()
                        : Severity.WARNING,
                facts,
                "synchronous_commit",
                facts.synchronousCommit(),
                db.synchronousCommit(),
                findings);
    }

    private static void timeout(ServerFacts facts, String setting, long millis, Duration wanted, Findings findings) {
        differs(Severity.WARNING, facts, setting, millis + "ms", wanted.toMillis() + "ms", findings);
    }

    private static void differs(
            Severity severity, ServerFacts facts, String setting, String has, String wanted, Findings findings) {
        if (!has.equals(wanted)) {
            findings.add(
                    severity,
                    "role",
                    "has " + setting + " " + has + ", and behind a pooler the service can't set it to " + wanted,
                    "ALTER ROLE \"" + facts.role() + "\" SET " + setting + " = '" + wanted + "'");
        }
    }
}
