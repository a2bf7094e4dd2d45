package dev.holdfast.cli;

import dev.holdfast.sealing.Keyset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

@CommandLine.Command(
        name = "keyset",
        description = "Prints a new keyset, with which providers' keys are sealed: keep it as a secret.")
final class NewKeyset implements Runnable {

    @CommandLine.Option(
            names = "--rotate",
            paramLabel = "FILE",
            description = "Prints the keys of the keyset in FILE and a new one, which seals from then on.")
    private @Nullable Path rotated;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().getOut().println(rotated == null ? Keyset.generate() : rotate(rotated));
    }

    private static String rotate(Path file) {
        try {
            return Keyset.rotate(Files.readString(file));
        } catch (IOException e) {
            throw new CommandFailure("Cannot read " + file);
        } catch (IllegalArgumentException e) {
            throw new CommandFailure(file + ": " + e.getMessage());
        }
    }
}
