/**
 * Takes messages for senders' conversations, keeps them in PostgreSQL and appends them there exactly once, each sender's in the
 * order of their acceptance. It is a queue of messages for conversations, not one for whatever an application may want done.
 *
 * <p>Decision: a message is accepted when its row is committed, and delivered by one statement that appends it and marks it as
 * done; claims are leases on senders, which may lapse at any moment without harm, because that statement asks for the claim
 * again under the lock of the sender's row. Workers hold no transaction and no message in memory: a worker that dies leaves a
 * lease, and nothing else.
 *
 * <p>Decision: a message that has failed too often is set aside ({@code dead}), and the sender's later ones go on: a person who
 * writes is served rather than kept waiting for an administrator. A dead message that is retried is appended after those.
 */
@NullMarked
package dev.holdfast.inbox;

import org.jspecify.annotations.NullMarked;
