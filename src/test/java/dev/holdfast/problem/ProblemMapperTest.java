package dev.holdfast.problem;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.db.DbException;
import dev.holdfast.db.DbFailures;
import io.vertx.ext.web.handler.HttpException;
import jakarta.ws.rs.NotAcceptableException;
import jakarta.ws.rs.NotAllowedException;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.NotSupportedException;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ProblemMapperTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private final List<LogRecord> logged = new ArrayList<>();
    private final Logger logger = Logger.getLogger(ProblemMapper.class.getName());
    private final Handler capture = new Handler() {
        @Override
        public void publish(LogRecord entry) {
            logged.add(entry);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        logger.addHandler(capture);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(capture);
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyBodyHasAllFourKeys(ErrorCode code) throws IOException {
        JsonNode error = error(map(new Problem(code, "a \"quoted\" \u0001 text", null, null)));

        assertThat(error.fieldNames()).toIterable().containsExactly("message", "type", "param", "code");
        assertThat(error.get("code").asText()).isEqualTo(code.code());
        assertThat(error.get("type").asText()).isEqualTo(code.type());
        assertThat(error.get("param").isNull()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void every429And503SaysWhenToTryAgain(ErrorCode code) {
        Answer answer = map(new Problem(code, "text", null, null));

        if (answer.status() == 429 || answer.status() == 503) {
            assertThat(answer.headers()).containsEntry("Retry-After", "1");
        } else {
            assertThat(answer.headers()).doesNotContainKey("Retry-After");
        }
    }

    @ParameterizedTest
    @CsvSource({"0,1", "1,1", "999,1", "1000,1", "1001,2", "2500,3", "60000,60"})
    void retryAfterIsRoundedUpToWholeSeconds(long millis, String seconds) {
        Answer answer = map(DbFailures.retryAfter(DbException.Kind.UNAVAILABLE, Duration.ofMillis(millis)));

        assertThat(answer.headers()).containsEntry("Retry-After", seconds);
    }

    @ParameterizedTest
    @CsvSource({
        "SHARE_EXCEEDED,429,project_share_exceeded",
        "QUEUE_FULL,503,pool_queue_full",
        "ACQUIRE_TIMEOUT,503,pool_acquire_timeout",
        "UNAVAILABLE,503,database_unavailable",
        "CREDENTIALS_REJECTED,503,database_credentials_rejected",
        "OUTCOME_UNKNOWN,503,write_outcome_unknown",
        "OVERLOADED,503,database_overloaded",
        "DISK_FULL,503,database_full",
        "READ_ONLY,503,database_read_only",
        "STATEMENT_TIMEOUT,504,statement_timeout",
        "DEADLINE_EXCEEDED,504,deadline_exceeded",
        "CONSTRAINT,409,conflict",
        "INTERNAL,500,internal_error"
    })
    void everyKindOfDatabaseFailureHasItsCode(DbException.Kind kind, int status, String code) throws IOException {
        Answer answer = map(DbFailures.of(kind, "in use 50"));

        assertThat(answer.status()).isEqualTo(status);
        assertThat(error(answer).get("code").asText()).isEqualTo(code);
    }

    @Test
    void databaseMessagesReachTheClient() throws IOException {
        Answer answer = map(DbFailures.of(DbException.Kind.ACQUIRE_TIMEOUT, "in use 50, idle 0, waiting 3, max 50"));

        assertThat(error(answer).get("message").asText()).isEqualTo("in use 50, idle 0, waiting 3, max 50");
    }

    @Test
    void wordsOfPostgresOnAConstraintDoNot() throws IOException {
        Answer answer = map(DbFailures.of(DbException.Kind.CONSTRAINT, "violates unique constraint \"projects_pkey\""));

        assertThat(error(answer).get("message").asText()).doesNotContain("projects_pkey");
    }

    @ParameterizedTest
    @EnumSource(
            value = DbException.Kind.class,
            names = {"OUTCOME_UNKNOWN", "STATEMENT_TIMEOUT", "DEADLINE_EXCEEDED"})
    void sdksMustNotRepeatAWriteThatMayBeCommitted(DbException.Kind kind) {
        DbException failure = DbFailures.afterWrite(kind, false);

        assertThat(ProblemMapper.map(failure, 0, "req", false).headers()).containsEntry("x-should-retry", "false");
        assertThat(ProblemMapper.map(failure, 0, "req", true).headers()).doesNotContainKey("x-should-retry");
    }

    @Test
    void aReplayThatFailsLeavesTheFirstSendingInDoubt() {
        DbException failure = DbFailures.afterWrite(DbException.Kind.ACQUIRE_TIMEOUT, true);

        assertThat(map(failure).headers()).containsEntry("x-should-retry", "false");
    }

    @Test
    void aReadThatTimedOutMayBeRepeated() {
        assertThat(map(DbFailures.of(DbException.Kind.STATEMENT_TIMEOUT, "slow"))
                        .headers())
                .doesNotContainKey("x-should-retry");
    }

    @Test
    void routersFailuresGetTheCodeOfTheirStatus() throws IOException {
        assertCode(map(new NotFoundException()), 404, "not_found");
        assertCode(map(new NotAcceptableException()), 406, "not_acceptable");
        assertCode(map(new NotSupportedException()), 415, "unsupported_media_type");
        assertCode(map(new HttpException(413)), 413, "request_too_large");
        assertCode(map(new HttpException(417)), 400, "invalid_request");
        assertCode(ProblemMapper.map(null, 404, "req", false), 404, "not_found");
        assertCode(ProblemMapper.map(new IllegalArgumentException("%zz"), 400, "req", false), 400, "invalid_request");
        assertThat(logged).isEmpty();
    }

    @Test
    void aMethodNotAllowedKeepsItsAllowHeader() {
        Answer answer = map(new NotAllowedException(
                Response.status(405).allow("GET", "POST").build()));

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.headers().get("Allow")).contains("GET", "POST");
    }

    @Test
    void malformedJsonIsTheClientsFaultAndSaysWhere() throws IOException {
        Answer answer = map(failureOf("{\"name\":,}"));

        assertCode(answer, 400, "invalid_request");
        assertThat(error(answer).get("message").asText()).contains("line 1, column 9");
    }

    @Test
    void jacksonsFailuresInsideJaxRsAreUnwrapped() throws IOException {
        Answer answer = map(new WebApplicationException(failureOf("{"), 400));

        assertThat(error(answer).get("message").asText()).contains("not valid JSON");
    }

    @Test
    void aWrongTypeNamesTheField() throws IOException {
        Answer answer = map(failureOf("{\"tags\":[{}]}"));

        assertCode(answer, 400, "invalid_request");
        assertThat(error(answer).get("param").asText()).isEqualTo("tags[0]");
    }

    @Test
    void deepNestingIsTheClientsFault() throws IOException {
        assertCode(map(failureOf("{\"x\":" + "[".repeat(100_000))), 400, "invalid_request");
    }

    @Test
    void aBugSaysOnlyTheRequestIdAndIsLoggedOnceWithItsStack() throws IOException {
        Answer answer = ProblemMapper.map(new IllegalStateException("secret detail"), 500, "req_1", false);

        assertCode(answer, 500, "internal_error");
        assertThat(new String(answer.body())).contains("req_1").doesNotContain("secret");
        assertThat(logged).singleElement().satisfies(entry -> {
            assertThat(entry.getLevel().intValue()).isGreaterThanOrEqualTo(Level.SEVERE.intValue());
            assertThat(entry.getThrown()).hasMessage("secret detail");
        });
    }

    @Test
    void onlyInternalProblemsKeepAStackTrace() {
        assertThat(Problem.notFound("x").getStackTrace()).isEmpty();
        assertThat(new Problem(ErrorCode.INTERNAL_ERROR, "x", null, null).getStackTrace())
                .isNotEmpty();
    }

    record Tagged(List<String> tags, Object x) {}

    private static Exception failureOf(String json) {
        try {
            JSON.readValue(json, Tagged.class);
        } catch (IOException e) {
            return e;
        }
        throw new AssertionError("accepted " + json);
    }

    private static Answer map(Throwable failure) {
        return ProblemMapper.map(failure, 0, "req", false);
    }

    private static void assertCode(Answer answer, int status, String code) throws IOException {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(error(answer).get("code").asText()).isEqualTo(code);
    }

    private static JsonNode error(Answer answer) throws IOException {
        return JSON.readTree(answer.body()).get("error");
    }
}
