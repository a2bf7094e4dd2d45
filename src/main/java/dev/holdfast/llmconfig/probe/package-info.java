/**
 * Tries out whether a provider answers to a config: one request for its list of models, from here to wherever an administrator
 * said. It keeps nothing and knows no database; what a config is and who may test it is not decided here.
 *
 * <p>Decision: whoever may write a config must not reach through it what only this host can reach. So the host's name is
 * resolved once, every address is judged by {@link dev.holdfast.llmconfig.probe.AddressKind}, and the connection goes to the
 * very address that was judged, with the name for TLS and the Host header only; redirects are not followed, and of an answer
 * only its status and a short, cleaned message get out. It takes Vert.x's HttpClient, not its WebClient, which holds whole
 * bodies.
 */
@NullMarked
package dev.holdfast.llmconfig.probe;

import org.jspecify.annotations.NullMarked;
