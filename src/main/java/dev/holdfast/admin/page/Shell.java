package dev.holdfast.admin.page;

import dev.holdfast.db.DatabaseState;

/**
 * What is around every view.
 *
 * @param view the one that is shown: {@code pool}, {@code configs}, {@code projects}, or none of them
 * @param health {@code healthy}, {@code warning} or {@code critical}, as {@link PoolView} has it
 * @param warning what holds for every view; empty where nothing is wrong
 */
record Shell(Assets assets, String view, String health, String healthText, String warning) {

    static Shell of(Assets assets, String view, Condition condition) {
        String warning = condition.database().state() == DatabaseState.State.OK
                ? ""
                : "PostgreSQL " + PoolHistory.words(condition.database())
                        + ". What you see is what was last known; changes are refused until it is back.";
        return new Shell(assets, view, condition.status(), condition.title(), warning);
    }

    public String asset(String name) {
        return assets.url(name);
    }

    public String current(String name) {
        return view.equals(name) ? "page" : "false";
    }
}
