package dev.holdfast.cli.verify;

import java.util.Locale;

/** How bad it is; the worst first. */
enum Severity {
    /** The service would not start, would not work, or would be refused by what {@code --production} asks for. */
    ERROR,
    /** It works, but not as its owner is likely to want it. */
    WARNING,
    /** For whoever wants to know. */
    INFO;

    String text() {
        return name().toLowerCase(Locale.ROOT);
    }
}
