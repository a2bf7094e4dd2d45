/**
 * Who is asking: projects, their API keys, and the filter that lets a request through only with a key for its path. It decides
 * from a snapshot in memory and never takes a pooled connection for it; what a caller may do with which rows is not decided
 * here but by the project that every statement names.
 */
@NullMarked
package dev.holdfast.identity;

import org.jspecify.annotations.NullMarked;
