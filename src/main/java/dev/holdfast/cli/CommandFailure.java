package dev.holdfast.cli;

import org.jspecify.annotations.Nullable;

/** Ends a command with exit code 1; the message is all that its user is told, so it says what to do. */
public final class CommandFailure extends RuntimeException {

    CommandFailure(@Nullable String message) {
        super(message);
    }
}
