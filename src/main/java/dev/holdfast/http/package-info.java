/**
 * What is the same for every request of the API port, whatever it asks for: its id, its deadline, the reading of its body,
 * the writing of its failure, and the parsing of headers, parameters and bodies that several resources share. It is no place
 * for anything that knows a project, a key or a table: {@code identity} puts its filter between the ones of this package.
 */
@NullMarked
package dev.holdfast.http;

import org.jspecify.annotations.NullMarked;
