/**
 * The load suite: it starts the packaged service or takes one that runs, puts a load on it, watches its pool meanwhile and
 * holds what it saw to the targets. It makes no requests of the load itself: those are {@code simulation}'s, in a JVM of
 * Gatling's own.
 */
@NullMarked
package dev.holdfast.load;

import org.jspecify.annotations.NullMarked;
