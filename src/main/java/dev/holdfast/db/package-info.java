/**
 * The only holder of connections to PostgreSQL: admission, acquiring, running, classifying failures, retrying and
 * accounting. It knows neither HTTP nor any feature; a repository hands it a {@link dev.holdfast.db.Statement} and gets
 * rows or a {@link dev.holdfast.db.DbException}.
 *
 * <p>Decision: Vert.x's pool, which is the datasource's ({@link dev.holdfast.db.DatasourcePool}), holds the connections; the
 * queue is in front of it ({@link dev.holdfast.db.ConnectionPool}). Requests wait in that queue only: it is bounded, fair and
 * aware of deadlines, whoever gives up is gone at once, and every figure is counted where it happens. A connection that is
 * returned goes straight to the next who waits; only with nobody waiting is it parked in Vert.x's pool, and taken from there
 * by the next who comes ({@link dev.holdfast.db.Lender}). What Vert.x's pool lends is its own choice, so what it has been
 * asked for is counted and never bound to a request or a connection ({@link dev.holdfast.db.IdleConnections}): binding it
 * lost slots.
 *
 * <p>Decision: Vert.x's pool opens a connection only with a permit of ours ({@link dev.holdfast.db.PoolDriver}), and its own
 * limits of time are off. By itself it opens one beside idle ones of another event loop, starts the next attempt at once when
 * one fails, keeps a slot for ever where a handshake falls silent, loses slots with its connection timeout, and frees one
 * before the socket has closed when it evicts. So attempts are spaced, timed and given up by {@link
 * dev.holdfast.db.Connecting}, and connections age and end by us: a connection is closed past the pool, which frees the slot
 * when the socket closes.
 *
 * <p>Decision: reads of the same kind that wait for a connection go along with the first of them that gets one ({@link
 * dev.holdfast.db.BatchRead}), because what a statement costs PostgreSQL besides its rows is half of it. They are merged in
 * the queue, not before it: each is admitted, counted, bounded and refused as if it were alone, and a batch is one turn of its
 * share. Reads wait, and so can be merged, only if few are under way at a time: their number is bounded while they are quick
 * ({@link dev.holdfast.db.Batches}). A failure that may be one's own is settled by asking for each alone. Writes are not merged:
 * their locks, their commits and what is known of a lost one are each one's own.
 *
 * <p>Two files name the driver's implementation classes, and are the ones to look at when its version changes: {@link
 * dev.holdfast.db.Wire}, because the driver's own opening ends its timeout with the TCP connect and loses the cause of each
 * TLS failure, and {@link dev.holdfast.db.PoolDriver}, because a pool can be given a way of opening connections in no other
 * way that is not deprecated.
 */
@NullMarked
package dev.holdfast.db;

import org.jspecify.annotations.NullMarked;
