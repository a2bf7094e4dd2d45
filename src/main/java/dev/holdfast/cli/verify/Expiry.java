package dev.holdfast.cli.verify;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** How long certificates are still good for. */
final class Expiry {

    static final Duration SOON = Duration.ofDays(30);

    private Expiry() {}

    /** @param expired how bad one is that is not valid now */
    static void look(List<X509Certificate> certificates, Instant now, String key, Severity expired, Findings findings) {
        for (X509Certificate certificate : certificates) {
            String subject = certificate.getSubjectX500Principal().getName();
            Instant end = certificate.getNotAfter().toInstant();
            if (now.isAfter(end)) {
                findings.add(expired, key, "has a certificate that expired on " + day(end) + ": " + subject, RENEW);
            } else if (now.isBefore(certificate.getNotBefore().toInstant())) {
                findings.add(
                        expired,
                        key,
                        "has a certificate that is not valid before "
                                + day(certificate.getNotBefore().toInstant()) + ": " + subject,
                        "wait, or mend the clock");
            } else if (now.plus(SOON).isAfter(end)) {
                findings.warning(
                        key,
                        "has a certificate that expires in "
                                + Duration.between(now, end).toDays() + " days, on " + day(end) + ": " + subject,
                        RENEW);
            }
        }
    }

    private static final String RENEW = "renew it";

    static String day(Instant instant) {
        return instant.toString().substring(0, 10);
    }
}
