/**
 * What agents are to remember beyond one conversation: contexts in immutable versions, sessions with their handovers, and
 * what the files of a code base are for; over MCP, and contexts over REST too. It judges nothing by itself: what a rule or a
 * concept is, it takes from the words that were locked.
 *
 * <p>Decision: MCP requests stand for themselves. The transport gives no session id and keeps nothing between requests, so
 * that any replica answers any of them, before and after a deployment; what has to last is a row. The price is that the
 * server can't speak first (no notifications, no streams), which none of the tools needs.
 *
 * <p>Decision: a topic's row holds a copy of its latest version's card. Lists and searches read that row alone, and versions
 * are numbered under its lock.
 */
@NullMarked
package dev.holdfast.memory;

import org.jspecify.annotations.NullMarked;
