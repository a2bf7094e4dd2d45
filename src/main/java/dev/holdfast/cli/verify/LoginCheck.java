package dev.holdfast.cli.verify;

import dev.holdfast.db.Trial;
import io.vertx.pgclient.PgException;

/** Whether the service is let in, with everything that it asks for at the start of a connection. */
final class LoginCheck implements Check {

    @Override
    public String name() {
        return "login";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        Trial trial = subject.network().trial();
        if (trial == null) {
            return;
        }
        if (trial.failure() == null) {
            findings.info("server", "lets the service in, " + (trial.encrypted() ? "encrypted" : "in plaintext"));
        } else if (PoolerCheck.refusesParameters(trial)) {
            PoolerCheck.startupParameters(findings);
        } else {
            findings.error("DATABASE_URL", "leads to no connection: " + trial.failure() + said(trial), mend(trial));
        }
    }

    private static String said(Trial trial) {
        PgException refusal = trial.refusal();
        return refusal == null ? "" : " (the server says: " + refusal.getErrorMessage() + ")";
    }

    private static String mend(Trial trial) {
        String state = trial.refusal() == null ? "" : trial.refusal().getSqlState();
        return switch (state) {
            case "28P01" -> "mend the user name or the password";
            case "28000" -> "mend the role, or what pg_hba.conf asks of it";
            case "3D000" -> "mend the database's name, or create it";
            case "53300" -> "free connections: the server, the database or the role has all that it may";
            case "42501" -> "GRANT CONNECT ON DATABASE to the role";
            default -> "mend what it says";
        };
    }
}
