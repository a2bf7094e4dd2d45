package dev.holdfast.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The client's private key for the JDBC driver, which, unlike the service's, reads DER alone. */
final class ClientKey {

    private static final Pattern PKCS8 =
            Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);

    private ClientKey() {}

    /**
     * A copy of the key in a file that only we may read and that goes when the process ends.
     *
     * @throws CommandFailure if there is no unencrypted PKCS #8 key in {@code pem}
     */
    static Path inDer(String pem) {
        try {
            Matcher key = PKCS8.matcher(Files.readString(Path.of(pem)));
            if (!key.find()) {
                throw new CommandFailure("No unencrypted PKCS #8 key (BEGIN PRIVATE KEY) can be read from " + pem);
            }
            Path der = Files.createTempFile("holdfast", ".pk8");
            der.toFile().deleteOnExit();
            return Files.write(der, Base64.getMimeDecoder().decode(key.group(1)));
        } catch (IOException e) {
            throw new CommandFailure("Cannot read " + pem);
        }
    }
}
