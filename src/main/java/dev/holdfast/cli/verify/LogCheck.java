package dev.holdfast.cli.verify;

/** Whether a machine can read the log of a production service. */
final class LogCheck implements Check {

    private static final String JSON = "quarkus.log.console.json.enabled";

    @Override
    public String name() {
        return "log";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        if (subject.options().production() && !subject.settings().isTrue(JSON)) {
            findings.info(
                    subject.key(JSON),
                    "is not true: log lines are text",
                    "set it to true if a log collector reads them");
        }
    }
}
