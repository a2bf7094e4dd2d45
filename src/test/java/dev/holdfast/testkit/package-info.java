/**
 * What tests of several packages need: a real PostgreSQL and the means to look into it behind the service's back, a network
 * that fails when it is told to, and the log. It asserts nothing itself.
 */
package dev.holdfast.testkit;
