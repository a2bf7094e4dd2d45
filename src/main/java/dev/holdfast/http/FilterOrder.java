package dev.holdfast.http;

/** Priorities of the filters that every request passes before it is routed; the highest runs first. */
public final class FilterOrder {

    static final int REQUEST_TIME = 1100;

    static final int REQUEST_ID = 1000;

    static final int DRAIN = 950;

    /** Who is asking. Refusals happen here, before a byte of the body is read. */
    public static final int AUTHENTICATION = 900;

    /** For what the head of a request must be, on paths that ask for more than others. */
    public static final int AFTER_AUTHENTICATION = 850;

    /** Whether a request that brings a signature instead of a key may have one: before a byte of its body is read, too. */
    public static final int SIGNATURE = 850;

    static final int INTAKE = 800;

    /** For what its body must be. */
    public static final int AFTER_INTAKE = 750;

    private FilterOrder() {}
}
