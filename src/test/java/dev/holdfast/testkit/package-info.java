/**
 * What tests of several packages need: a real PostgreSQL, and the means to look into it behind the service's back. It
 * asserts nothing itself.
 */
package dev.holdfast.testkit;
