package dev.holdfast.db;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file whose first line is the password, such as a mounted Kubernetes Secret that is replaced when it is rotated. */
public final class PasswordFile {

    private static final int LONGEST = 4096;

    private PasswordFile() {}

    /**
     * Reads it; blocking.
     *
     * @throws IOException if it can't be read, is empty, or is longer than 4,096 bytes; the message has nothing of it
     */
    public static String read(Path file) throws IOException {
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(LONGEST + 1);
        } catch (IOException e) {
            throw new IOException("the password file " + file + " can't be read", e);
        }
        if (bytes.length > LONGEST) {
            throw new IOException("the password file " + file + " is longer than " + LONGEST + " bytes");
        }
        String password =
                new String(bytes, StandardCharsets.UTF_8).lines().findFirst().orElse("");
        if (password.isEmpty()) {
            throw new IOException("the password file " + file + " has no password in its first line");
        }
        return password;
    }
}
