package dev.holdfast.problem;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A failure whose code, message and parameter are meant for the client. Only an internal one keeps its stack trace. */
public final class Problem extends RuntimeException {

    private final ErrorCode code;
    private final @Nullable String param;
    private final @Nullable Duration retryAfter;

    /**
     * @param message what the client reads
     * @param param the field, header or query parameter at fault, or null
     * @param retryAfter how long to wait before trying again, or null where there is nothing to say; a 429 or 503 then says
     *     one second
     */
    public Problem(ErrorCode code, String message, @Nullable String param, @Nullable Duration retryAfter) {
        super(Objects.requireNonNull(message, "message"), null, false, code == ErrorCode.INTERNAL_ERROR);
        this.code = code;
        this.param = param;
        this.retryAfter = retryAfter;
    }

    /** 400; {@code param} names what is wrong, null where it is the body as a whole. */
    public static Problem invalid(String message, @Nullable String param) {
        return new Problem(ErrorCode.INVALID_REQUEST, message, param, null);
    }

    /** 401. */
    public static Problem unauthenticated(String message) {
        return new Problem(ErrorCode.INVALID_API_KEY, message, null, null);
    }

    /** 403. */
    public static Problem forbidden(String message) {
        return new Problem(ErrorCode.INSUFFICIENT_PERMISSIONS, message, null, null);
    }

    /** 404; also for what belongs to another project. */
    public static Problem notFound(String message) {
        return new Problem(ErrorCode.NOT_FOUND, message, null, null);
    }

    /** 409 with the code {@code conflict}. */
    public static Problem conflict(String message, String param) {
        return new Problem(ErrorCode.CONFLICT, message, param, null);
    }

    /** 409 with the code {@code idempotency_key_reused}. */
    public static Problem idempotencyKeyReused() {
        return new Problem(
                ErrorCode.IDEMPOTENCY_KEY_REUSED,
                "This Idempotency-Key was used within the last 24 hours for a different request.",
                "Idempotency-Key",
                null);
    }

    /** 412; {@code header} is the condition that does not hold. */
    public static Problem preconditionFailed(String message, String header) {
        return new Problem(ErrorCode.PRECONDITION_FAILED, message, header, null);
    }

    /** 413; {@code limit} in bytes. */
    public static Problem tooLarge(long limit) {
        return new Problem(
                ErrorCode.REQUEST_TOO_LARGE, "The request body is larger than " + limit + " bytes.", null, null);
    }

    /** 415. */
    public static Problem unsupportedMedia(String message, String param) {
        return new Problem(ErrorCode.UNSUPPORTED_MEDIA_TYPE, message, param, null);
    }

    /** 429 with the code {@code too_many_failed_attempts}. */
    public static Problem tooManyFailedAttempts(Duration retryAfter) {
        return new Problem(
                ErrorCode.TOO_MANY_FAILED_ATTEMPTS,
                "Too many API keys from this address were wrong: keys of fewer than 32 characters are not looked up for a while.",
                null,
                retryAfter);
    }

    /** 429 with the code {@code too_many_provider_tests}. */
    public static Problem tooManyProviderTests(Duration retryAfter) {
        return new Problem(
                ErrorCode.TOO_MANY_PROVIDER_TESTS, "Too many providers are being tested at a time.", null, retryAfter);
    }

    /** 503 with the code {@code database_unavailable}. */
    public static Problem databaseUnavailable(String message, Duration retryAfter) {
        return new Problem(ErrorCode.DATABASE_UNAVAILABLE, message, null, retryAfter);
    }

    /** 504 with the code {@code deadline_exceeded}, for waits outside the database. */
    public static Problem deadlineExceeded(String message) {
        return new Problem(ErrorCode.DEADLINE_EXCEEDED, message, null, null);
    }

    public ErrorCode code() {
        return code;
    }

    public @Nullable String param() {
        return param;
    }

    public @Nullable Duration retryAfter() {
        return retryAfter;
    }
}
