package dev.holdfast.cli.verify;

import java.util.Set;

/** Whether a 2xx is durable by this configuration. */
final class DurabilityCheck implements Check {

    /** Of PostgreSQL's levels those below {@code on}. */
    static final Set<String> WEAK = Set.of("off", "local", "remote_write");

    @Override
    public String name() {
        return "durability";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        String level = subject.db().synchronousCommit();
        if (WEAK.contains(level)) {
            findings.add(
                    subject.options().severity(),
                    subject.key("holdfast.db.synchronous-commit"),
                    "is " + level + ", so that a crash may lose what a 2xx has confirmed",
                    "set it to on");
        }
    }
}
