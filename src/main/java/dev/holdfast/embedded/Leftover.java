package dev.holdfast.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * What an earlier run left of its server in a data directory: nothing, a file that names a process long gone, or a
 * server whose JVM was killed before it could stop it.
 */
record Leftover(Path directory) {

    private static final int STOP_SECONDS = 30;

    static Leftover of(Path directory) {
        return new Leftover(directory);
    }

    /**
     * Clears the way for a new server.
     *
     * @return the port of a server that another live JVM runs on this directory, to be shared with it
     */
    Optional<Integer> settle() throws IOException {
        Path file = directory.resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file);
        Optional<ProcessHandle> server = server(lines);
        if (server.isEmpty()) {
            // PostgreSQL itself would give up if that process number has gone to somebody else since.
            Files.delete(file);
            return Optional.empty();
        }
        if (ownedByAnother() && lines.size() > 3) {
            return Optional.of(Integer.valueOf(lines.get(3).strip()));
        }
        stop(server.get());
        return Optional.empty();
    }

    private Optional<ProcessHandle> server(List<String> lines) {
        if (lines.isEmpty() || !lines.get(0).strip().matches("[0-9]{1,18}")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(lines.get(0).strip())).filter(this::servesDirectory);
    }

    private boolean servesDirectory(ProcessHandle process) {
        return process.info()
                .arguments()
                .map(arguments -> List.of(arguments).contains(directory.toString()))
                .orElse(false);
    }

    // The JVM that started the server holds this lock for as long as it lives.
    private boolean ownedByAnother() throws IOException {
        try (FileChannel channel = FileChannel.open(
                        directory.resolve("epg-lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.tryLock()) {
            return lock == null;
        }
    }

    // SIGINT is PostgreSQL's fast shutdown; SIGTERM, all that Java can send, would wait for its clients.
    private void stop(ProcessHandle server) throws IOException {
        new ProcessBuilder("sh", "-c", "kill -INT " + server.pid()).start();
        try {
            server.onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException("an earlier run's server, process " + server.pid() + ", does not stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while an earlier run's server stops", e);
        }
    }
}
