package dev.holdfast.cli;

import dev.holdfast.sealing.Keyset;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * A keyset's file, which nobody ever finds empty or half written: what is new is written beside it, for its owner alone, and
 * takes its place in one step. Whatever fails before that leaves the file as it was.
 */
final class KeysetFile {

    /**
     * What a rotation came to.
     *
     * @param file where the keyset is, behind any symbolic links
     * @param primaryId the number of the key that seals from now on
     * @param copy the keyset as it was
     */
    record Rotation(Path file, long primaryId, Path copy) {}

    private static final Pattern PLAIN = Pattern.compile("[\\w./@%+=:,-]+");

    private final Path file;

    /** What is new; whoever makes it first is the only one to change the file until it is gone. */
    private final Path next;

    private KeysetFile(Path file) {
        this.file = file;
        this.next = beside(".new");
    }

    /**
     * Makes a keyset where there is no file yet.
     *
     * @return the number of its key
     * @throws CommandFailure if it can't be made, or there is anything of that name already
     */
    static long create(Path named) {
        return new KeysetFile(named.toAbsolutePath()).create();
    }

    /**
     * Gives a keyset another key, which seals from then on.
     *
     * @throws CommandFailure if it can't; the file is then as it was
     */
    static Rotation rotate(Path named) {
        try {
            // A link stays one: what it leads to is replaced.
            return new KeysetFile(named.toRealPath()).rotate();
        } catch (NoSuchFileException e) {
            throw new CommandFailure(named + " is not there: name the keyset that is in use, or make a first one with"
                    + " keyset --create " + quoted(named));
        } catch (IOException e) {
            throw unreadable(named, e);
        }
    }

    private long create() {
        refuseToOverwrite();
        reserve(" was not made");
        try {
            String text = Keyset.generate();
            write(next, bytes(text));
            refuseToOverwrite();
            Files.move(next, file);
            sync();
            return Keyset.parse(text).primaryId();
        } catch (FileAlreadyExistsException e) {
            giveUp(next);
            throw taken();
        } catch (IOException e) {
            giveUp(next);
            throw unwritten(" was not made", e);
        } catch (RuntimeException e) {
            giveUp(next);
            throw e;
        }
    }

    // Not even what is empty, or a link that leads nowhere.
    private void refuseToOverwrite() {
        if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            throw taken();
        }
    }

    private CommandFailure taken() {
        if (!Files.exists(file)) {
            return new CommandFailure(
                    file + " is a link that leads nowhere: make what it leads to, or name another file");
        }
        if (isEmpty()) {
            return new CommandFailure(file + " is there already, but empty, and was left as it is: if it ever had a"
                    + " keyset, put a copy of that back; if it never had, remove it and try again");
        }
        return new CommandFailure(file + " is there already and was left as it is: rotate it with keyset --rotate "
                + quoted(file) + ", or name another file");
    }

    private boolean isEmpty() {
        try {
            return Files.isRegularFile(file) && Files.size(file) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    private Rotation rotate() {
        if (!Files.isRegularFile(file)) {
            throw new CommandFailure(file + " is nothing that can be replaced: name the file that holds the keyset");
        }
        reserve(" was left as it is");
        try {
            byte[] old = read();
            Keyset before = keyset(old);
            String text = Keyset.rotate(text(old));
            Keyset after = Keyset.parse(text);
            write(next, bytes(text));
            keepOwner();
            Path copy = copy(old, before.primaryId());
            sync();
            replace();
            sync();
            return new Rotation(file, after.primaryId(), copy);
        } catch (IOException e) {
            giveUp(next);
            throw unwritten(" was left as it is", e);
        } catch (RuntimeException e) {
            giveUp(next);
            throw e;
        }
    }

    private byte[] read() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file, e);
        }
    }

    private Keyset keyset(byte[] old) {
        try {
            return Keyset.parse(text(old));
        } catch (IllegalArgumentException e) {
            String why = old.length == 0 ? "It is empty." : e.getMessage();
            throw new CommandFailure(
                    file + " can't be rotated and was left as it is, so put a copy of the keyset back first: " + why);
        }
    }

    private void reserve(String outcome) {
        try {
            make(next);
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(
                    file + outcome + ", because " + next + " is there: another command is changing the keyset, or was"
                            + " ended before it was done. If none runs, remove that, with which nothing is lost, and"
                            + " try again");
        } catch (IOException e) {
            throw unwritten(outcome, e);
        }
    }

    // The service may run as somebody else than whoever rotates: it has to be able to read what is new.
    private void keepOwner() throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(next, PosixFileAttributeView.class);
        if (view == null) {
            return;
        }
        PosixFileAttributes old = Files.readAttributes(file, PosixFileAttributes.class);
        PosixFileAttributes made = view.readAttributes();
        try {
            if (!made.owner().equals(old.owner())) {
                view.setOwner(old.owner());
            }
            if (!made.group().equals(old.group())) {
                view.setGroup(old.group());
            }
        } catch (IOException e) {
            throw new CommandFailure(file + " was left as it is, because its owner and group can't be kept ("
                    + reason(e) + "): run this as its owner");
        }
        view.setPermissions(old.permissions());
    }

    /** Keeps what there was under a name with its primary key's number; what has such a name already stays. */
    private Path copy(byte[] old, long primaryId) throws IOException {
        Path copy = beside("." + primaryId + ".bak");
        for (int i = 2; Files.exists(copy, LinkOption.NOFOLLOW_LINKS); i++) {
            if (Files.isRegularFile(copy) && Arrays.equals(Files.readAllBytes(copy), old)) {
                return copy;
            }
            copy = beside("." + primaryId + "-" + i + ".bak");
        }
        make(copy);
        try {
            write(copy, old);
            return copy;
        } catch (IOException e) {
            giveUp(copy);
            throw e;
        }
    }

    private void replace() {
        try {
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new CommandFailure(file + " was left as it is, because nothing can take its place (" + reason(e)
                    + "): if it is mounted by itself, mount its directory instead");
        }
    }

    private Path beside(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static void make(Path made) throws IOException {
        boolean posix = made.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] ours = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Files.createFile(made, ours);
    }

    private static void write(Path to, byte[] what) throws IOException {
        try (FileChannel channel = FileChannel.open(to, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(what);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    /** Has the directory's names outlive a crash, where a directory can be told to. */
    private void sync() {
        try (FileChannel directory = FileChannel.open(file.resolveSibling("."), StandardOpenOption.READ)) {
            directory.force(true);
        } catch (IOException e) {
            // Windows does not open directories; nothing is lost, but a crash of the machine may undo what was done.
        }
    }

    private static void giveUp(Path made) {
        try {
            Files.deleteIfExists(made);
        } catch (IOException e) {
            // It has nothing that anybody needs, and the next command says what to do with it.
        }
    }

    private CommandFailure unwritten(String outcome, IOException e) {
        return new CommandFailure(file + outcome + ", because nothing can be written beside it (" + reason(e)
                + "): make that possible, or run this where it is, and try again");
    }

    private static CommandFailure unreadable(Path named, IOException e) {
        return new CommandFailure(named + " can't be read (" + reason(e) + "): run this as its owner");
    }

    private static String reason(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (e instanceof NoSuchFileException) {
            return "there is no such directory";
        }
        String known = e instanceof FileSystemException failure ? failure.getReason() : e.getMessage();
        return known == null ? e.getClass().getSimpleName() : known;
    }

    /** As a shell takes it for one word. */
    private static String quoted(Path path) {
        String text = path.toString();
        return PLAIN.matcher(text).matches() ? text : "'" + text.replace("'", "'\\''") + "'";
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return (text + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
