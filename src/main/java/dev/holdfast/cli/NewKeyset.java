package dev.holdfast.cli;

import dev.holdfast.sealing.Keyset;
import java.io.PrintWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

@CommandLine.Command(
        name = "keyset",
        description = "Makes or rotates a keyset, with which providers' keys and inbox secrets are sealed: keep it as a"
                + " secret. Without an option a new one is printed, and kept nowhere.")
final class NewKeyset implements Runnable {

    /** What to do with a file; a shell's redirection would empty it before there is anything to put into it. */
    private static final class InFile {

        @CommandLine.Option(
                names = "--create",
                paramLabel = "FILE",
                description = "Makes FILE with a new keyset, for its owner alone. A file that is there already stays.")
        private @Nullable Path created;

        @CommandLine.Option(
                names = "--rotate",
                paramLabel = "FILE",
                description = "Adds a key to the keyset in FILE, which seals from then on, and keeps a copy of what it"
                        + " was beside it. If anything fails, FILE stays as it was.")
        private @Nullable Path rotated;
    }

    @CommandLine.ArgGroup
    private @Nullable InFile inFile;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Override
    public void run() {
        if (inFile == null) {
            print(Keyset.generate());
        } else if (inFile.created != null) {
            long key = KeysetFile.create(inFile.created);
            say(inFile.created + " has a keyset with key " + key + ": keep a copy of it, apart from the database");
        } else if (inFile.rotated != null) {
            KeysetFile.Rotation done = KeysetFile.rotate(inFile.rotated);
            say(done.file() + " has a new key, " + done.primaryId()
                    + ", which seals from now on: keep a copy of this file too, apart from the database;"
                    + " as it was, without that key, it is in " + done.copy());
        }
    }

    /** Neither writer fails by itself; whoever fills a file with this has to know that it is not there. */
    private void print(String keyset) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(keyset);
        if (out.checkError() || System.out.checkError()) {
            throw new CommandFailure(
                    "The new keyset could not be written and is lost: make room where it is to go, and try again");
        }
    }

    // What this command writes to the standard output is a keyset, and nothing else.
    private void say(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
