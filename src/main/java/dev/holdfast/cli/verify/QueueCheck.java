package dev.holdfast.cli.verify;

/** Whether requests may wait for a connection at all. */
final class QueueCheck implements Check {

    @Override
    public String name() {
        return "queue";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        if (subject.db().maxWaiting() == 0) {
            findings.warning(
                    subject.key("holdfast.db.max-waiting"),
                    "is 0, so that whoever finds all connections in use is refused at once",
                    "set it to some times DB_CONNECTION_LIMIT");
        }
    }
}
