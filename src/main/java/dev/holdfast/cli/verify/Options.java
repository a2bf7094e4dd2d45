package dev.holdfast.cli.verify;

import org.jspecify.annotations.Nullable;

/**
 * What is asked of the configuration, beyond its own words.
 *
 * @param production whether the bar is that of a production service
 * @param replicas instead of {@code DB_REPLICAS}; null for none
 * @param demand null where nothing is said of it
 */
record Options(
        boolean production,
        @Nullable Integer replicas,
        Surge surge,
        @Nullable Demand demand) {

    static final Options START = new Options(false, null, Surge.parse(Surge.DEFAULT), null);

    /** An error in production, else a warning. */
    Severity severity() {
        return production ? Severity.ERROR : Severity.WARNING;
    }
}
