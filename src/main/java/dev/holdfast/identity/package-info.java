/**
 * Who is asking: projects, their API keys, and the filter that lets a request through only with a key for its path. It decides
 * from a snapshot in memory and never takes a pooled connection for it; what a caller may do with which rows is not decided
 * here but by the project that every statement names.
 *
 * <p>Decision: an address whose keys were wrong too often gets 429 for every further wrong one, and its keys of fewer than 32
 * characters are not even looked up; longer ones that are right always work. Whoever lets right keys through whatever
 * happened tells a guesser just what he wants to know, and whoever lets none through hands everybody behind one NAT, or one
 * ingress whose addresses are not forwarded, to the first who sends rubbish. So the length decides: the keys that we issue
 * have 256 random bits, which no rate makes guessable, and need no protection; only a configured key can be shorter, and it
 * pays with being locked out while somebody at its address guesses. Whoever wants neither configures a long one. The length
 * is that of the key that was sent, so nothing is learnt from which rule applied. A missing key is no guess, and an expired
 * one neither.
 *
 * <p>Decision: who is logged in to the admin page is not stored. The cookie carries the session, sealed with what is derived
 * from the admin key, so every replica knows it, PostgreSQL or not, and another admin key ends all of them. Only log-outs are
 * stored, and every replica has them in memory: that is what a sealed cookie can't say. The cookie's path is the page's own,
 * and the filter looks at it there alone: the JSON API can't be made to take it, so it needs no protection against that.
 */
@NullMarked
package dev.holdfast.identity;

import org.jspecify.annotations.NullMarked;
