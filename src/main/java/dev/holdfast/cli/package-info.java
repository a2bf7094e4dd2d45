/**
 * The commands of the executable and what each does before Quarkus starts. Requests are served elsewhere: nothing here
 * runs once the service is up, and nothing depends on it.
 */
@NullMarked
package dev.holdfast.cli;

import org.jspecify.annotations.NullMarked;
