/**
 * Seals the secrets that are kept in PostgreSQL, such as providers' keys and the secrets of inbox sources, with a keyset that is
 * not kept there. It knows nothing of what they are for: whoever has one sealed names the row that it belongs to, and it opens
 * for that row alone.
 */
@NullMarked
package dev.holdfast.sealing;

import org.jspecify.annotations.NullMarked;
