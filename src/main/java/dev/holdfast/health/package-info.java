/**
 * Probes for Kubernetes and for people, answered from what the monitor and the pool know: no probe takes a connection or
 * waits for PostgreSQL.
 */
@NullMarked
package dev.holdfast.health;

import org.jspecify.annotations.NullMarked;
