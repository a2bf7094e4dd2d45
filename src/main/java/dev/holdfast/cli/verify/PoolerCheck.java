package dev.holdfast.cli.verify;

import dev.holdfast.db.Trial;
import java.util.List;

/** A PgBouncer, or another pooler, between the service and PostgreSQL: whether its mode works, and what is to be set. */
final class PoolerCheck implements Check {

    /** What the service asks for at the start of a connection and PgBouncer does not know. */
    private static final List<String> PARAMETERS =
            List.of("jit", "statement_timeout", "idle_in_transaction_session_timeout", "synchronous_commit");

    @Override
    public String name() {
        return "pooler";
    }

    static boolean refusesParameters(Trial trial) {
        return trial.refusal() != null
                && "08P01".equals(trial.refusal().getSqlState())
                && String.valueOf(trial.refusal().getErrorMessage()).contains("startup parameter");
    }

    /** What to say when it does. */
    static void startupParameters(Findings findings) {
        findings.error(
                "DATABASE_URL",
                "leads to a PgBouncer that refuses what the service sets at the start of a connection",
                "set ignore_startup_parameters = " + String.join(",", PARAMETERS)
                        + " in it, and these on the role: ALTER ROLE ... SET ...");
    }

    @Override
    public void look(Subject subject, Findings findings) {
        Pooler pooler = subject.server().pooler();
        int cached = subject.db().statementCacheSize();
        switch (pooler.mode()) {
            case NONE -> {}
            case SESSION ->
                findings.info(
                        "pooler",
                        "is in session mode, or nobody else is on it: all works, but it saves no connections",
                        "give its pool room for every connection of every replica");
            case TRANSACTION ->
                findings.info(
                        "pooler",
                        "is in transaction mode: serving works, but no NOTIFY arrives, so replicas look for changes"
                                + " instead of being told",
                        "run migrate with a DATABASE_URL that leads to PostgreSQL itself");
            case STATEMENT ->
                findings.error(
                        "pooler",
                        "is in statement mode, in which there are no transactions",
                        "set pool_mode = transaction, or session");
        }
        if (!pooler.statements() && cached > 0) {
            findings.error(
                    subject.key("holdfast.db.statement-cache-size"),
                    "is " + cached + ", but this pooler mixes up prepared statements",
                    "set it to 0, or max_prepared_statements of PgBouncer 1.21 or later to more than that");
        }
    }
}
