/**
 * The PostgreSQL server that dev mode and the tests start by themselves when they are given none. It is no way to keep
 * data that matters, and neither it nor its binaries are in the production artefact.
 */
@NullMarked
package dev.holdfast.embedded;

import org.jspecify.annotations.NullMarked;
