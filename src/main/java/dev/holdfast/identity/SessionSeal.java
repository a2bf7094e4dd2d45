package dev.holdfast.identity;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Makes a session's cookie, and tells whether one is ours, by a key that is derived from the admin key: every replica that
 * has the same admin key knows it, and with another admin key all sessions have ended.
 */
final class SessionSeal {

    private static final String ALGORITHM = "HmacSHA256";
    private static final String PURPOSE = "holdfast: sessions of the admin page, 1";
    private static final Pattern FORM =
            Pattern.compile("([0-9a-f]{32})\\.([0-9]{1,12})\\.([0-9]{1,12})\\.([A-Za-z0-9_-]{43})");

    private final SecretKeySpec key;

    private SessionSeal(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    static SessionSeal of(String adminKey) {
        SessionSeal master = new SessionSeal(adminKey.getBytes(StandardCharsets.UTF_8));
        return new SessionSeal(master.mac(PURPOSE));
    }

    String seal(Session session) {
        String text = session.id() + "." + session.since().getEpochSecond() + "."
                + session.until().getEpochSecond();
        return text + "." + Base64.getUrlEncoder().withoutPadding().encodeToString(mac(text));
    }

    /** Null for what we have not sealed. */
    @Nullable
    Session open(String sealed) {
        Matcher parts = FORM.matcher(sealed);
        if (!parts.matches()) {
            return null;
        }
        byte[] mac = Base64.getUrlDecoder().decode(parts.group(4));
        if (!MessageDigest.isEqual(mac, mac(sealed.substring(0, parts.start(4) - 1)))) {
            return null;
        }
        return new Session(parts.group(1), seconds(parts.group(2)), seconds(parts.group(3)));
    }

    private static Instant seconds(String text) {
        return Instant.ofEpochSecond(Long.parseLong(text));
    }

    private byte[] mac(String text) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has " + ALGORITHM, e);
        }
    }
}
