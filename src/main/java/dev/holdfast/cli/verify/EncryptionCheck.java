package dev.holdfast.cli.verify;

import dev.holdfast.db.ConnectionUri;
import dev.holdfast.db.SslMode;

/** Whether connections are encrypted, to a server that has proved to be ours. */
final class EncryptionCheck implements Check {

    static final String MODE = "holdfast.db.ssl-mode";
    static final String ROOTS = "holdfast.db.ssl-root-cert";

    @Override
    public String name() {
        return "encryption";
    }

    @Override
    public void look(Subject subject, Findings findings) {
        ConnectionUri uri = subject.uri();
        if (uri == null) {
            return;
        }
        SslMode mode = uri.sslMode();
        if (mode != SslMode.VERIFY_FULL) {
            findings.add(
                    subject.options().severity(),
                    subject.key(MODE),
                    "is " + mode.value() + ", which does not prove that the server is yours",
                    "set DB_SSLMODE=verify-full, and DB_SSLROOTCERT to the PEM file of its authority or to system");
        }
        if (mode == SslMode.DISABLE && (uri.sslRootCert() != null || uri.sslCert() != null)) {
            findings.warning(
                    subject.key(MODE),
                    "is disable, so that no certificate is ever used",
                    "set DB_SSLMODE=verify-full, or leave the certificates out");
        }
    }
}
