package dev.holdfast.problem;

import java.util.Locale;

/** Every code that an error body can carry, with its HTTP status and the type that OpenAI's clients know. */
public enum ErrorCode {
    INVALID_REQUEST(400, "invalid_request_error"),
    INVALID_API_KEY(401, "authentication_error"),
    INSUFFICIENT_PERMISSIONS(403, "permission_error"),
    NOT_FOUND(404, "invalid_request_error"),
    METHOD_NOT_ALLOWED(405, "invalid_request_error"),
    NOT_ACCEPTABLE(406, "invalid_request_error"),
    CONFLICT(409, "invalid_request_error"),
    IDEMPOTENCY_KEY_REUSED(409, "invalid_request_error"),
    PRECONDITION_FAILED(412, "invalid_request_error"),
    REQUEST_TOO_LARGE(413, "invalid_request_error"),
    UNSUPPORTED_MEDIA_TYPE(415, "invalid_request_error"),
    PROJECT_SHARE_EXCEEDED(429, "rate_limit_error"),
    TOO_MANY_FAILED_ATTEMPTS(429, "rate_limit_error"),
    TOO_MANY_PROVIDER_TESTS(429, "rate_limit_error"),
    INTERNAL_ERROR(500, "server_error"),
    POOL_QUEUE_FULL(503, "server_error"),
    POOL_ACQUIRE_TIMEOUT(503, "server_error"),
    DATABASE_UNAVAILABLE(503, "server_error"),
    DATABASE_CREDENTIALS_REJECTED(503, "server_error"),
    WRITE_OUTCOME_UNKNOWN(503, "server_error"),
    DATABASE_OVERLOADED(503, "server_error"),
    DATABASE_FULL(503, "server_error"),
    DATABASE_READ_ONLY(503, "server_error"),
    STATEMENT_TIMEOUT(504, "server_error"),
    DEADLINE_EXCEEDED(504, "server_error");

    private final int status;
    private final String type;
    private final String code = name().toLowerCase(Locale.ROOT);

    ErrorCode(int status, String type) {
        this.status = status;
        this.type = type;
    }

    /** The HTTP status that goes with this code, always the same one. */
    public int status() {
        return status;
    }

    /** The {@code type} of the error body. */
    public String type() {
        return type;
    }

    /** The {@code code} of the error body: this constant's name in lower case. */
    public String code() {
        return code;
    }

    /** Whether the answer must say when to try again. */
    boolean retryLater() {
        return status == 429 || status == 503;
    }

    /**
     * The code for a failure of which only the HTTP status is known, as from a router. Statuses without a code of their
     * own become the nearest one: other 4xx an invalid request, everything else an internal error.
     */
    static ErrorCode ofStatus(int status) {
        return switch (status) {
            case 401 -> INVALID_API_KEY;
            case 403 -> INSUFFICIENT_PERMISSIONS;
            case 404 -> NOT_FOUND;
            case 405 -> METHOD_NOT_ALLOWED;
            case 406 -> NOT_ACCEPTABLE;
            case 409 -> CONFLICT;
            case 412 -> PRECONDITION_FAILED;
            case 413 -> REQUEST_TOO_LARGE;
            case 415 -> UNSUPPORTED_MEDIA_TYPE;
            default -> status >= 400 && status < 500 ? INVALID_REQUEST : INTERNAL_ERROR;
        };
    }
}
