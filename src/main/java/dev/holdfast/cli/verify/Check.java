package dev.holdfast.cli.verify;

import java.sql.SQLException;

/** Looks at one thing. It has no state: the same object may be used for several subjects. */
interface Check {

    /** What {@code --json} calls it; stays the same from release to release. */
    String name();

    /**
     * Leaves what it finds.
     *
     * @throws SQLException if PostgreSQL does not answer as it should; of checks in {@link Checks#SERVER} only
     */
    void look(Subject subject, Findings findings) throws SQLException;
}
