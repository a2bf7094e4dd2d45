/**
 * The whole service while its network and its PostgreSQL fail in every way that they can: nothing lost, nothing doubled,
 * nothing leaked, no one starved. What takes longer than seconds is tagged {@code fire}; what only measures, {@code measure}.
 */
package dev.holdfast.fire;
