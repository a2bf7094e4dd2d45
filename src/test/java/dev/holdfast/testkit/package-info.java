/**
 * What tests of several packages need: a real PostgreSQL and the means to look into it behind the service's back, a network
 * that fails when it is told to, and the log. It leaves it to them to assert, but for {@link dev.holdfast.testkit.AtRest}, which is true of all.
 */
package dev.holdfast.testkit;
