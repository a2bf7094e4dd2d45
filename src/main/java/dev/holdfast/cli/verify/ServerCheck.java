package dev.holdfast.cli.verify;

/** Whether it is a PostgreSQL that we can work on. */
final class ServerCheck implements Check {

    /** The oldest that PostgreSQL's makers still mend; our statements need nothing newer than 11. */
    private static final int OLDEST = 14;

    @Override
    public String name() {
        return "server";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        ServerFacts facts = subject.server().facts();
        if (facts.version() / 10_000 < OLDEST) {
            findings.error(
                    "server",
                    "is PostgreSQL " + facts.versionText() + ", which is too old",
                    "upgrade it to " + OLDEST + " or later");
        } else {
            findings.info("server", "is PostgreSQL " + facts.versionText());
        }
        if (!facts.encoding().equals("UTF8")) {
            findings.error(
                    "database",
                    "is encoded in " + facts.encoding() + ", which can't keep every conversation",
                    "create it with ENCODING 'UTF8'");
        }
        if (facts.readOnly()) {
            findings.error("server", "is read-only: a standby, or set so", "name the primary's host");
        }
        if (!facts.fsync()) {
            findings.add(
                    subject.options().severity(),
                    "server",
                    "has fsync off, so that a crash may destroy the database",
                    "set fsync = on");
        }
        if (facts.superuser()) {
            findings.add(
                    subject.options().production() ? Severity.WARNING : Severity.INFO,
                    "role",
                    "is a superuser, which the service does not need",
                    "give the service a role of its own");
        }
    }
}
