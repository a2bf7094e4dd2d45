package dev.holdfast.problem;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import dev.holdfast.db.DbException;
import io.vertx.core.http.HttpClosedException;
import io.vertx.ext.web.handler.HttpException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The one place where a failure of any kind becomes a status, headers and a body, and where a bug gets logged. */
public final class ProblemMapper {

    private static final Logger LOG = Logger.getLogger(ProblemMapper.class);
    private static final Duration SOONEST = Duration.ofSeconds(1);

    private ProblemMapper() {}

    /**
     * @param failure what happened; null where only a status is known
     * @param status the status that a router gave the failure; 0 or less where it gave none
     * @param requestId stands in the log beside the stack trace of a bug, and is all that the client reads of it
     * @param idempotent whether the request carried an idempotency key, so that sending it again can't double anything
     */
    public static Answer map(@Nullable Throwable failure, int status, String requestId, boolean idempotent) {
        Throwable cause = unwrap(failure);
        if (cause instanceof Problem problem && problem.code() != ErrorCode.INTERNAL_ERROR) {
            return answer(problem, false);
        }
        if (cause instanceof DbException db && db.kind() != DbException.Kind.INTERNAL) {
            return answer(ofDatabase(db), !idempotent && mayHaveBeenWritten(db));
        }
        if (cause instanceof StreamReadException || cause instanceof StreamConstraintsException) {
            return answer(Problem.invalid(malformed((JacksonException) cause), null), false);
        }
        if (cause instanceof MismatchedInputException mismatch) {
            String path = path(mismatch);
            return answer(
                    Problem.invalid(
                            path == null
                                    ? "The JSON body is not an object of the expected form."
                                    : "Unknown field or a value of the wrong type: '" + path + "'.",
                            path),
                    false);
        }
        if (cause instanceof WebApplicationException web
                && clients(web.getResponse().getStatus())) {
            Answer answer = ofStatus(web.getResponse().getStatus());
            String allow = web.getResponse().getHeaderString(HttpHeaders.ALLOW);
            return allow == null ? answer : with(answer, HttpHeaders.ALLOW, allow);
        }
        if (cause instanceof HttpException http && clients(http.getStatusCode())) {
            return ofStatus(http.getStatusCode());
        }
        if (clients(status)) {
            return ofStatus(status);
        }
        boolean written = cause instanceof DbException db && db.writeSent();
        return bug(failure, requestId, !idempotent && written);
    }

    private static boolean clients(int status) {
        return status >= 400 && status < 500;
    }

    private static @Nullable Throwable unwrap(@Nullable Throwable failure) {
        if (failure instanceof WebApplicationException web && web.getCause() instanceof JacksonException json) {
            return unwrap(json);
        }
        if (failure instanceof JsonMappingException json
                && (json.getCause() instanceof Problem || json.getCause() instanceof JacksonException)) {
            return unwrap(json.getCause());
        }
        return failure;
    }

    private static Problem ofDatabase(DbException e) {
        ErrorCode code = switch (e.kind()) {
            case SHARE_EXCEEDED -> ErrorCode.PROJECT_SHARE_EXCEEDED;
            case QUEUE_FULL -> ErrorCode.POOL_QUEUE_FULL;
            case ACQUIRE_TIMEOUT -> ErrorCode.POOL_ACQUIRE_TIMEOUT;
            case UNAVAILABLE -> ErrorCode.DATABASE_UNAVAILABLE;
            case CREDENTIALS_REJECTED -> ErrorCode.DATABASE_CREDENTIALS_REJECTED;
            case OUTCOME_UNKNOWN -> ErrorCode.WRITE_OUTCOME_UNKNOWN;
            case OVERLOADED -> ErrorCode.DATABASE_OVERLOADED;
            case DISK_FULL -> ErrorCode.DATABASE_FULL;
            case READ_ONLY -> ErrorCode.DATABASE_READ_ONLY;
            case STATEMENT_TIMEOUT -> ErrorCode.STATEMENT_TIMEOUT;
            case DEADLINE_EXCEEDED -> ErrorCode.DEADLINE_EXCEEDED;
            case CONSTRAINT -> ErrorCode.CONFLICT;
            case INTERNAL -> ErrorCode.INTERNAL_ERROR;
        };
        // PostgreSQL's own words on a constraint name tables and values; a repository that knows better says so itself.
        String message = code == ErrorCode.CONFLICT
                ? "The request conflicts with what is stored."
                : Objects.requireNonNull(e.getMessage(), "message");
        return new Problem(code, message, null, e.retryAfter());
    }

    /** SDKs send any 5xx again on their own; that must not double a write that may have been committed. */
    private static boolean mayHaveBeenWritten(DbException e) {
        return switch (e.kind()) {
            case OUTCOME_UNKNOWN -> true;
            case STATEMENT_TIMEOUT, DEADLINE_EXCEEDED -> e.writeSent();
            default -> e.writeSent() && e.replayed();
        };
    }

    private static String malformed(JacksonException e) {
        JsonLocation at = e.getLocation();
        return at == null || at.getLineNr() < 1
                ? "The request body is not valid JSON."
                : "The request body is not valid JSON: line " + at.getLineNr() + ", column " + at.getColumnNr() + ".";
    }

    private static @Nullable String path(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
        return path.isEmpty() ? null : path;
    }

    private static Answer ofStatus(int status) {
        ErrorCode code = ErrorCode.ofStatus(status);
        String message = switch (code) {
            case INVALID_API_KEY -> "A valid API key is needed: Authorization: Bearer <key>.";
            case INSUFFICIENT_PERMISSIONS -> "This key may not do that.";
            case NOT_FOUND -> "There is nothing at this path.";
            case METHOD_NOT_ALLOWED -> "This path does not take this method.";
            case NOT_ACCEPTABLE -> "Answers are application/json; the Accept header allows none of that.";
            case CONFLICT -> "The request conflicts with what is stored.";
            case PRECONDITION_FAILED -> "A precondition of the request does not hold.";
            case REQUEST_TOO_LARGE -> "The request body is too large.";
            case UNSUPPORTED_MEDIA_TYPE -> "The body must be application/json.";
            default -> "The request is malformed.";
        };
        return answer(new Problem(code, message, null, null), false);
    }

    private static Answer bug(@Nullable Throwable failure, String requestId, boolean neverRetry) {
        if (failure instanceof HttpClosedException) {
            LOG.debugf("Request %s: the client went away", requestId);
        } else {
            LOG.errorf(failure, "Request %s failed by a bug", requestId);
        }
        return answer(
                new Problem(ErrorCode.INTERNAL_ERROR, "Internal error; request id " + requestId, null, null),
                neverRetry);
    }

    private static Answer answer(Problem problem, boolean neverRetry) {
        ErrorCode code = problem.code();
        ErrorCounts.count(code);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(HttpHeaders.CONTENT_TYPE, "application/json");
        if (code.retryLater()) {
            headers.put(HttpHeaders.RETRY_AFTER, Long.toString(wholeSeconds(problem.retryAfter())));
        }
        if (neverRetry) {
            headers.put("x-should-retry", "false");
        }
        if (code == ErrorCode.INVALID_API_KEY) {
            headers.put(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
        }
        return new Answer(code.status(), headers, body(problem));
    }

    private static long wholeSeconds(@Nullable Duration wait) {
        Duration least = wait == null || wait.compareTo(SOONEST) < 0 ? SOONEST : wait;
        return least.plusNanos(999_999_999).toSeconds();
    }

    private static byte[] body(Problem problem) {
        ErrorCode code = problem.code();
        String json = "{\"error\":{\"message\":" + quoted(problem.getMessage()) + ",\"type\":\"" + code.type()
                + "\",\"param\":" + quoted(problem.param()) + ",\"code\":\"" + code.code() + "\"}}";
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(@Nullable String text) {
        if (text == null) {
            return "null";
        }
        return '"' + String.valueOf(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }

    private static Answer with(Answer answer, String header, String value) {
        Map<String, String> headers = new LinkedHashMap<>(answer.headers());
        headers.put(header, value);
        return new Answer(answer.status(), headers, answer.body());
    }
}
