package dev.holdfast.cli.verify;

/** How many connections others have at this moment. */
final class UseCheck implements Check {

    @Override
    public String name() {
        return "use";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        ServerFacts facts = subject.server().facts();
        int reserved = subject.db().reservedConnections();
        String key = subject.key("holdfast.db.reserved-connections");
        if (facts.usedByOthers() > reserved) {
            findings.warning(
                    key,
                    "is " + reserved + ", but other roles have " + facts.usedByOthers() + " connections now",
                    "set it to at least " + facts.usedByOthers());
        } else {
            findings.info(
                    key,
                    "is " + reserved + "; other roles have " + facts.usedByOthers() + " connections now, of "
                            + facts.used() + " altogether");
        }
    }
}
