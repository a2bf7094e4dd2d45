package dev.holdfast.db;

/**
 * Lets retries be a bounded part of the work: each first attempt earns a tenth of a retry, and a few may be taken without
 * having been earned. When PostgreSQL fails for everybody, load rises by a tenth and not by a multiple.
 */
final class RetryBudget {

    private static final int COST = 10;

    private final int most;
    private int tokens;

    /**
     * @param reserve how many retries may be taken before any is earned; also the most that can be saved up
     */
    RetryBudget(int reserve) {
        most = reserve * COST;
        tokens = most;
    }

    synchronized void earn() {
        if (tokens < most) {
            tokens++;
        }
    }

    synchronized boolean take() {
        if (tokens < COST) {
            return false;
        }
        tokens -= COST;
        return true;
    }
}
