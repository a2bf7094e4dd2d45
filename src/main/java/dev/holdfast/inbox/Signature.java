package dev.holdfast.inbox;

import dev.holdfast.identity.Caller;
import dev.holdfast.problem.Problem;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * What a message without a key is signed with, as "Standard Webhooks" 1.0 has it, for which there are libraries in most
 * languages: the base64 of HMAC-SHA256 over {@code <webhook-id>.<webhook-timestamp>.<body>}.
 *
 * @param id the sender's own id of the message
 * @param timestamp as it was sent: it is a part of what is signed
 * @param signatures as they were sent, without their version; while a secret is being changed there may be several
 */
record Signature(String id, String timestamp, List<byte[]> signatures) {

    static final String ID_HEADER = "webhook-id";
    private static final String TIMESTAMP_HEADER = "webhook-timestamp";

    /** How old or, by clocks that differ, how new a message may be. */
    static final Duration WINDOW = Duration.ofMinutes(5);

    private static final String SECRET = "whsec_";
    private static final int SECRET_BYTES = 32;
    private static final String VERSION = "v1,";
    private static final int MOST = 8;
    private static final int LONGEST_ID = 255;
    private static final SecureRandom RANDOM = new SecureRandom();

    Signature {
        signatures = List.copyOf(signatures);
    }

    /**
     * Reads the headers of a request.
     *
     * @param epochSecond now
     * @throws Problem 401 if they are incomplete or malformed, or the timestamp is out of the window
     */
    static Signature of(MultiMap headers, long epochSecond) {
        String id = senderMessageId(headers);
        String timestamp = single(headers, TIMESTAMP_HEADER);
        String signatures = single(headers, Caller.SIGNATURE_HEADER);
        if (id == null || timestamp == null || signatures == null) {
            throw Problem.unauthenticated(
                    "A signed message needs webhook-id, webhook-timestamp and webhook-signature, each once.");
        }
        if (!timestamp.matches("[0-9]{1,12}")
                || Math.abs(epochSecond - Long.parseLong(timestamp)) > WINDOW.toSeconds()) {
            throw Problem.unauthenticated("webhook-timestamp must be the time of sending in seconds since 1970, within "
                    + WINDOW.toMinutes() + " minutes of now.");
        }
        return new Signature(id, timestamp, decoded(signatures));
    }

    /**
     * The sender's own id of the message, by which it is known when it is sent again; null if there is none.
     *
     * @throws Problem 400 if it is malformed or there are several
     */
    static @Nullable String senderMessageId(MultiMap headers) {
        List<String> sent = headers.getAll(ID_HEADER);
        if (sent.isEmpty()) {
            return null;
        }
        String id = sent.get(0);
        boolean good = sent.size() == 1
                && !id.isEmpty()
                && id.length() <= LONGEST_ID
                && id.chars().allMatch(c -> c > ' ' && c < 0x7f);
        if (!good) {
            throw Problem.invalid(
                    "webhook-id must be 1 to " + LONGEST_ID + " visible ASCII characters, once.", ID_HEADER);
        }
        return id;
    }

    private static @Nullable String single(MultiMap headers, String name) {
        List<String> values = headers.getAll(name);
        return values.size() == 1 ? values.get(0) : null;
    }

    /** Those of a version that is none of ours are for other receivers. */
    private static List<byte[]> decoded(String header) {
        List<byte[]> decoded = new ArrayList<>();
        for (String one : header.strip().split(" +", MOST + 1)) {
            if (one.startsWith(VERSION) && decoded.size() < MOST) {
                try {
                    decoded.add(Base64.getDecoder().decode(one.substring(VERSION.length())));
                } catch (IllegalArgumentException e) {
                    throw Problem.unauthenticated(
                            "webhook-signature must be 'v1,' and base64; several are parted by blanks.");
                }
            }
        }
        return decoded;
    }

    /** Whether one of them is of this body, by one of these secrets. It takes as long whichever it is, or none. */
    boolean isBy(List<String> secrets, byte[] body) {
        boolean matches = false;
        for (String secret : secrets) {
            byte[] expected = mac(secret, id, timestamp, body);
            for (byte[] signature : signatures) {
                matches |= MessageDigest.isEqual(expected, signature);
            }
        }
        return matches;
    }

    static String newSecret() {
        byte[] secret = new byte[SECRET_BYTES];
        RANDOM.nextBytes(secret);
        return SECRET + Base64.getEncoder().encodeToString(secret);
    }

    /** @param secret as {@link #newSecret} makes it */
    static byte[] mac(String secret, String id, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring(SECRET.length())), "HmacSHA256"));
            mac.update((id + '.' + timestamp + '.').getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Every Java platform has HmacSHA256", e);
        }
    }
}
