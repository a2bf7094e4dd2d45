/**
 * What an administrator looks at: pool-status and the database's metrics. It shows what other packages count and counts
 * nothing itself; nothing depends on it.
 */
@NullMarked
package dev.holdfast.admin;

import org.jspecify.annotations.NullMarked;
