/**
 * The {@code verify} command and the checks that start-up shares with it: what is wrong with a configuration, what the
 * server that it names has to say, and what to do. It changes nothing and serves nothing.
 *
 * <p>A check is one small class, {@link dev.holdfast.cli.verify.Check}, and stands in one list,
 * {@link dev.holdfast.cli.verify.Checks}; that is why there are so many classes. Which settings there are is read from
 * the configuration's interfaces and from {@code application.properties}, {@link dev.holdfast.cli.verify.Catalogue}; what
 * is out of range is asked of the packages that the settings belong to.
 */
@NullMarked
package dev.holdfast.cli.verify;

import org.jspecify.annotations.NullMarked;
