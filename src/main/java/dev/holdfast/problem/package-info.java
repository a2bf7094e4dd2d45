/**
 * What can go wrong, in the words of the API: the closed list of error codes, the exception that carries one, and the only
 * place where a failure becomes an answer. It knows nothing of routes, keys or SQL; whoever fails says which code it is.
 */
@NullMarked
package dev.holdfast.problem;

import org.jspecify.annotations.NullMarked;
