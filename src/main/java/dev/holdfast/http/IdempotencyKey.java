package dev.holdfast.http;

import dev.holdfast.problem.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import io.vertx.sqlclient.Tuple;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a client sent so that it may repeat a request.
 *
 * @param value the client's 1 to 255 visible ASCII characters; an administrator's are marked with a blank, which no client can
 *     send, and so never meet those of the project {@code default}
 * @param fingerprint SHA-256 over method, path and body: what the same key may be used for again
 */
public record IdempotencyKey(String value, byte[] fingerprint) {

    private static final String HEADER = "Idempotency-Key";
    private static final String HEEDED = IdempotencyKey.class.getName();
    private static final int LONGEST = 255;

    /** Whether this request has one that is heeded, so that sending it again can't double anything. */
    public static boolean isOn(RoutingContext ctx) {
        return Boolean.TRUE.equals(ctx.get(HEEDED));
    }

    /**
     * The key of this request, or null where it has none. It reads all of the body: a large one not on an event loop.
     *
     * @throws Problem 400 if it is malformed or there are several
     */
    public static @Nullable IdempotencyKey of(RoutingContext ctx) {
        List<String> sent = ctx.request().headers().getAll(HEADER);
        if (sent.isEmpty()) {
            return null;
        }
        if (sent.size() > 1) {
            throw Problem.invalid("Idempotency-Key must be sent once.", HEADER);
        }
        ctx.put(HEEDED, true);
        String scope = ctx.normalizedPath().startsWith("/admin") ? "admin " : "";
        return new IdempotencyKey(scope + checked(sent.get(0)), fingerprint(ctx));
    }

    static String checked(String value) {
        if (value.isEmpty() || value.length() > LONGEST || !value.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw Problem.invalid("Idempotency-Key must be 1 to 255 visible ASCII characters.", HEADER);
        }
        return value;
    }

    /**
     * The part of a statement that stores a key with what it writes.
     *
     * @param project the project's parameter
     * @param first the number of the first of the three parameters that {@link #addTo} adds
     * @param from {@code FROM} and what there must be a row of for the key to be stored, or empty
     */
    public static String stored(String project, int first, String from) {
        return "INSERT INTO idempotency_keys (project_id, key, fingerprint, response) SELECT %s, $%d, $%d, $%d %s"
                .formatted(project, first, first + 1, first + 2, from);
    }

    /**
     * Adds the three parameters of the part of a statement that stores the key: key, fingerprint and answer.
     *
     * @param key null where the request has none; the parameters are null then
     */
    public static void addTo(Tuple params, @Nullable IdempotencyKey key, @Nullable String answer) {
        params.addString(key == null ? null : key.value)
                .addBuffer(key == null ? null : Buffer.buffer(key.fingerprint))
                .addString(key == null ? null : answer);
    }

    private static byte[] fingerprint(RoutingContext ctx) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            String route = ctx.request().method().name() + ' ' + ctx.normalizedPath() + '\n';
            sha256.update(route.getBytes(StandardCharsets.UTF_8));
            Buffer body = ctx.body().buffer();
            return body == null ? sha256.digest() : sha256.digest(body.getBytes());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256", e);
        }
    }
}
