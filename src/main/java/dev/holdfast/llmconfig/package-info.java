/**
 * Configs of LLM providers: what an administrator says of each model that applications may use, its sealed key, its history,
 * and the list of models that projects see. It keeps and hands out configs; it never calls a model on an application's behalf.
 *
 * <p>Decision: all reads but those of history come from one immutable snapshot of all configs in memory
 * ({@link dev.holdfast.llmconfig.ConfigCache}), which follows PostgreSQL by change numbers; a cache with eviction would be
 * the wrong thing for data that must all be there when PostgreSQL is not. Writes are compared and set by version in one
 * statement. What concerns several rows (one default, the history, the numbering of changes) is done by a trigger, under the
 * lock of one row that every writer takes first.
 *
 * <p>Decision: the id of a model under {@code /v1/models} is its config's name. It is unique, it is what people know, and its
 * characters are those that clients carry through a URL whether they escape them or not; the config's id would say nothing,
 * and {@code model} may stand in several configs.
 */
@NullMarked
package dev.holdfast.llmconfig;

import org.jspecify.annotations.NullMarked;
