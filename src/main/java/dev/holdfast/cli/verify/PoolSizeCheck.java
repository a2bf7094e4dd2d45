package dev.holdfast.cli.verify;

/** A production pool that a burst of requests would exhaust. */
final class PoolSizeCheck implements Check {

    private static final int LEAST = 20;

    @Override
    public String name() {
        return "pool-size";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        int size = subject.db().maxSize();
        if (subject.options().production() && size < LEAST) {
            findings.error(
                    subject.key("holdfast.db.max-size"),
                    "is " + size + ", and a production pool has at least " + LEAST,
                    "set it to at least " + LEAST + "; if the server has no room for that, run fewer replicas");
        }
    }
}
