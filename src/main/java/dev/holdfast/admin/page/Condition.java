package dev.holdfast.admin.page;

import dev.holdfast.db.DatabaseState;
import dev.holdfast.db.PoolFigures;

/** How the pool and PostgreSQL are, in one word and in a sentence. */
record Condition(PoolFigures pool, DatabaseState database) {

    /** {@code healthy}, {@code warning} or {@code critical}; the last also whenever PostgreSQL is away. */
    public String status() {
        return database.state() == DatabaseState.State.OK ? pool.status() : "critical";
    }

    public String title() {
        return switch (database.state()) {
            case OK ->
                Character.toUpperCase(pool.status().charAt(0)) + pool.status().substring(1);
            case UNREACHABLE -> "PostgreSQL is away";
            case CREDENTIALS_REJECTED -> "Credentials rejected";
        };
    }

    public String reason() {
        if (database.state() != DatabaseState.State.OK) {
            return "PostgreSQL " + PoolHistory.words(database) + " since " + Text.time(database.since())
                    + ". Requests are refused at once until it does. Last error: " + database.lastError();
        }
        String used = pool.inUse() + " of " + pool.maxSize() + " connections are in use";
        if (pool.waiting() > 0) {
            return used + "; " + Text.count(pool.waiting(), "request waits", "requests wait") + ", the first for "
                    + Text.millis(pool.oldestWaitMillis()) + ".";
        }
        return used
                + (pool.saturatedMillis() > 0
                        ? ": all of them for " + Text.millis(pool.saturatedMillis()) + "."
                        : "; nobody waits.");
    }

    public long percent() {
        return Math.round(pool.utilization() * 100);
    }
}
