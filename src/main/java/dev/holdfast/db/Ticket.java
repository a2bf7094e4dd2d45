package dev.holdfast.db;

import java.util.Objects;

/**
 * What admission needs to know of the request that asks for a connection.
 *
 * @param project the project on whose behalf the work is done; shares of the pool are counted by it
 * @param deadline when the whole request must have ended: waits and statements are clamped to what is left
 */
public record Ticket(String project, Deadline deadline) {

    public Ticket {
        Objects.requireNonNull(project, "project");
        Objects.requireNonNull(deadline, "deadline");
    }
}
