/**
 * The only holder of connections to PostgreSQL: admission, acquiring, running, classifying failures, retrying and
 * accounting. It knows neither HTTP nor any feature; a repository hands it a {@link dev.holdfast.db.Statement} and gets
 * rows or a {@link dev.holdfast.db.DbException}.
 *
 * <p>Decision: the pool is our own ({@link dev.holdfast.db.ConnectionPool}), over connections that the Vert.x PG client
 * speaks the protocol on; Vert.x's pool and a {@code PgPoolCreator} are not used. One queue, bounded and aware of
 * deadlines, hands out connections itself, so a waiter that gives up is gone at once, a request that was granted a new
 * connection takes a returned one if that comes first, a slot is not free before its socket is closed, and every figure
 * is counted where it happens. Vert.x's pool behind a gate of ours gave none of these: its queue keeps waiters that have
 * timed out, silence during a handshake holds its slots for ever, it evicts busy connections never and idle ones before
 * their sockets close, and an acquire that was cancelled keeps its slot until the pool's own timeout.
 *
 * <p>Decision: reads of the same kind that wait for a connection go along with the first of them that gets one ({@link
 * dev.holdfast.db.BatchRead}), because what a statement costs PostgreSQL besides its rows is half of it. They are merged in
 * the queue, not before it: each is admitted, counted, bounded and refused as if it were alone, and a batch is one turn of its
 * share. Reads wait, and so can be merged, only if few are under way at a time: their number is bounded while they are quick
 * ({@link dev.holdfast.db.Batches}). A failure that may be one's own is settled by asking for each alone. Writes are not merged:
 * their locks, their commits and what is known of a lost one are each one's own.
 *
 * <p>The price of our own pool is that {@link dev.holdfast.db.Wire} and {@link dev.holdfast.db.PgLink} use the driver's implementation
 * classes: they are the two files to look at when its version changes.
 */
@NullMarked
package dev.holdfast.db;

import org.jspecify.annotations.NullMarked;
