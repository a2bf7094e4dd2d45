/**
 * The page at {@code /admin/} for people with a browser: the pool as it is and was of late, LLM configs, projects and keys. It
 * shows and changes what other packages hold, by the same repositories as the JSON API, and has no rules of its own.
 *
 * <p>Decision: figures are fetched every second by short requests and not streamed. A replica that is drained, a proxy that
 * buffers and a session that ends then need no rules of their own, and a page that nobody looks at costs nothing.
 */
@NullMarked
package dev.holdfast.admin.page;

import org.jspecify.annotations.NullMarked;
