package dev.holdfast.cli.verify;

/** The pool that the load needs, against the one that there is. */
final class LoadCheck implements Check {

    @Override
    public String name() {
        return "load";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        Demand demand = subject.options().demand();
        if (demand == null) {
            return;
        }
        int size = subject.db().maxSize();
        String key = subject.key("holdfast.db.max-size");
        String needed = demand.source() + " = " + Demand.figure(demand.inUse()) + " connections in use on average";
        if (demand.inUse() >= size) {
            findings.error(
                    key,
                    "is " + size + ", and the load needs more: " + needed + ", so the queue only grows",
                    "set it to at least " + demand.pool() + ", or run more replicas");
        } else if (demand.pool() > size) {
            findings.warning(
                    key,
                    "is " + size + ", and the load would keep it above 70 %: " + needed,
                    "set it to at least " + demand.pool() + ", or run more replicas");
        } else {
            findings.info(key, "is " + size + ", and the load needs " + demand.pool() + ": " + needed);
        }
    }
}
