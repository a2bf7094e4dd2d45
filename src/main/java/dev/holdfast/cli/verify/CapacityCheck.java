package dev.holdfast.cli.verify;

import dev.holdfast.db.Capacity;
import dev.holdfast.db.DbConfig;

/** Whether all replicas together can have the connections that they may ask for. */
final class CapacityCheck implements Check {

    @Override
    public String name() {
        return "capacity";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        DbConfig db = subject.db();
        ServerFacts facts = subject.server().facts();
        int surge = subject.options().surge().of(subject.replicas());
        Capacity sum = new Capacity(subject.replicas(), surge, db.maxSize(), db.reservedConnections());
        String key = subject.key("holdfast.db.max-size");
        if (subject.server().pooler().mode() != Pooler.Mode.NONE) {
            findings.info(
                    key,
                    "makes " + new Capacity(subject.replicas(), surge, db.maxSize(), 0).text()
                            + " connections to the pooler",
                    "let its max_client_conn be at least that; its own pools share PostgreSQL's " + facts.available());
            return;
        }
        compare(key, sum, facts.available(), server(facts), "max_connections", facts.reserved(), findings);
        Capacity ours = new Capacity(subject.replicas(), surge, db.maxSize(), 0);
        if (facts.roleLimit() >= 0 && !facts.superuser()) {
            compare(key, ours, facts.roleLimit(), "the role's limit", "ALTER ROLE ... CONNECTION LIMIT", 0, findings);
        }
        if (facts.databaseLimit() >= 0 && !facts.superuser()) {
            compare(
                    key,
                    ours,
                    facts.databaseLimit(),
                    "the database's limit",
                    "ALTER DATABASE ... CONNECTION LIMIT",
                    0,
                    findings);
        }
    }

    private static String server(ServerFacts facts) {
        return "max_connections (" + facts.maxConnections() + ") less " + facts.reserved() + " for administrators";
    }

    private static void compare(
            String key, Capacity sum, int available, String whose, String raise, int on, Findings findings) {
        String text = "is " + sum.pool() + ", and " + sum.text();
        long largest = sum.largestPool(available);
        if (sum.asked() <= available) {
            findings.info(key, text + " of " + available + ", " + whose + "; the largest pool that fits is " + largest);
        } else {
            findings.error(
                    key,
                    text + " are more than " + available + ", " + whose,
                    (largest < 1
                                    ? "no pool fits: run fewer replicas, put a pooler in front"
                                    : "set it to at most " + largest + ", the largest pool that fits")
                            + ", or raise " + raise + " to at least " + (sum.asked() + on));
        }
    }
}
