package dev.holdfast.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Throw-away certificates as PEM files, made by the JDK's {@code keytool}; they go when the JVM exits. */
public final class Certificates {

    private static final String PASSWORD = "changeit";
    private static final String HERE = "san=dns:localhost,ip:127.0.0.1";
    private static Certificates shared;

    /** PEM files: a certificate with those that it is signed by, and its private key. */
    public record Issued(Path certificate, Path key) {}

    private final Path directory;
    private final Path store;

    public final Issued authority;
    public final Issued otherAuthority;
    /** Signed by {@link #authority}, as are those that follow; for this host under its name and its address. */
    public final Issued good;

    public final Issued wrongHost;
    public final Issued expired;
    /** As {@link #good}, for ten days. */
    public final Issued soon;
    /** For this host by its common name alone, as certificates were made of old. */
    public final Issued commonName;
    /** For every host of {@code holdfast.test}. */
    public final Issued wildcard;
    /** A client's, for the role {@code holdfast}. */
    public final Issued client;

    /** For this host, signed by {@link #otherAuthority}. */
    public final Issued otherGood;

    public final Issued otherClient;
    /** For this host, and nobody's but its own. */
    public final Issued selfSigned;

    public final Issued expiredSelfSigned;

    /** The same for all tests of this JVM: making them takes seconds. */
    public static synchronized Certificates shared() {
        if (shared == null) {
            shared = new Certificates();
        }
        return shared;
    }

    private Certificates() {
        try {
            directory = Files.createTempDirectory("holdfast-certificates");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        directory.toFile().deleteOnExit();
        store = directory.resolve("store.p12");
        store.toFile().deleteOnExit();
        authority = issue("authority", null, "CN=Authority", "-ext", "bc:c");
        otherAuthority = issue("other-authority", null, "CN=Other Authority", "-ext", "bc:c");
        good = issue("good", "authority", "CN=good", "-ext", HERE);
        wrongHost = issue("wrong-host", "authority", "CN=wrong", "-ext", "san=dns:elsewhere.test");
        expired = issue("expired", "authority", "CN=expired", "-ext", HERE, "-startdate", "-3d", "-validity", "1");
        soon = issue("soon", "authority", "CN=soon", "-ext", HERE, "-validity", "10");
        commonName = issue("common-name", "authority", "CN=localhost");
        wildcard = issue("wildcard", "authority", "CN=wildcard", "-ext", "san=dns:*.holdfast.test");
        client = issue("client", "authority", "CN=holdfast");
        otherGood = issue("other-good", "other-authority", "CN=good", "-ext", HERE);
        otherClient = issue("other-client", "other-authority", "CN=holdfast");
        selfSigned = issue("self-signed", null, "CN=self", "-ext", HERE);
        expiredSelfSigned =
                issue("expired-self-signed", null, "CN=old", "-ext", HERE, "-startdate", "-3d", "-validity", "1");
    }

    private Issued issue(String name, String signer, String subject, String... options) {
        List<String> arguments = new ArrayList<>(List.of("-genkeypair", "-alias", name, "-dname", subject));
        arguments.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
        arguments.addAll(List.of("-storetype", "PKCS12", "-keystore", store.toString(), "-storepass", PASSWORD));
        if (signer != null) {
            arguments.addAll(List.of("-signer", signer));
        }
        arguments.addAll(Arrays.asList(options));
        keytool(arguments);
        return export(name);
    }

    private void keytool(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        // It runs for half a second: what a JVM does to be fast later is in vain.
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(arguments);
        try {
            Process keytool =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(keytool.getInputStream().readAllBytes());
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException("keytool failed: " + said);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Issued export(String name) {
        try (InputStream stored = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(stored, PASSWORD.toCharArray());
            StringBuilder chain = new StringBuilder();
            for (Certificate certificate : keys.getCertificateChain(name)) {
                chain.append(pem("CERTIFICATE", certificate.getEncoded()));
            }
            Key key = keys.getKey(name, PASSWORD.toCharArray());
            return new Issued(
                    write(name + ".pem", chain.toString()), write(name + ".key", pem("PRIVATE KEY", key.getEncoded())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path write(String name, String text) throws IOException {
        Path file = Files.writeString(directory.resolve(name), text);
        file.toFile().deleteOnExit();
        // As libpq and PostgreSQL want a private key to be.
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private static String pem(String type, byte[] content) {
        String encoded = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + type + "-----\n" + encoded + "\n-----END " + type + "-----\n";
    }
}
