package dev.holdfast.db;

import java.time.Duration;
import java.util.Objects;

/**
 * What admission needs to know of the request that asks for a connection.
 *
 * @param project the project whose rows are read and written
 * @param share whose part of the pool and of the queue it is: the project's, unless the work is not the project's own
 * @param deadline when the whole request must have ended: waits and statements are clamped to what is left
 */
public record Ticket(String project, String share, Deadline deadline) {

    public Ticket {
        Objects.requireNonNull(project, "project");
        Objects.requireNonNull(share, "share");
        Objects.requireNonNull(deadline, "deadline");
    }

    // No project's id has it.
    private static final char KIND = ' ';

    /**
     * A ticket for work of a project that must not crowd out its other work: it has a turn of its own, and at most a quarter of
     * the connections.
     *
     * @param kind of work: a constant such as {@code inbox}
     */
    public static Ticket yielding(String project, String kind, Deadline deadline) {
        return new Ticket(project, project + KIND + '(' + kind + ')', deadline);
    }

    /** Whether a share is of {@link #yielding} work. */
    static boolean yields(String share) {
        return share.indexOf(KIND) > 0;
    }

    /** A ticket for a project's own work. */
    public Ticket(String project, Deadline deadline) {
        this(project, project, deadline);
    }

    /** For a part of the work that is not worth waiting for longer than this. */
    public Ticket within(Duration patience) {
        Deadline soon = Deadline.in(patience);
        return soon.nanos() - deadline.nanos() < 0 ? new Ticket(project, share, soon) : this;
    }
}
