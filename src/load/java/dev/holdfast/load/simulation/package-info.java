/**
 * The load as Gatling makes it: who the users are and what they do. It runs on Gatling's class path, and of the suite it
 * knows only the plan.
 */
@NullMarked
package dev.holdfast.load.simulation;

import org.jspecify.annotations.NullMarked;
