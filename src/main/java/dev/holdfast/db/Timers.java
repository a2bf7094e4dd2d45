package dev.holdfast.db;

/** Delayed calls; tests have a clock of their own. */
interface Timers {

    /** Calls {@code task} once, {@code nanos} from now at the earliest; the returned action prevents that. */
    Runnable after(long nanos, Runnable task);
}
