package dev.holdfast.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ErrorCodeTest {

    @Test
    void theTableIsTheContracts() {
        assertThat(Arrays.stream(ErrorCode.values()).map(c -> c.status() + " " + c.code()))
                .containsExactlyInAnyOrder(
                        "400 invalid_request",
                        "401 invalid_api_key",
                        "403 insufficient_permissions",
                        "404 not_found",
                        "405 method_not_allowed",
                        "406 not_acceptable",
                        "409 conflict",
                        "409 idempotency_key_reused",
                        "412 precondition_failed",
                        "413 request_too_large",
                        "415 unsupported_media_type",
                        "429 project_share_exceeded",
                        "429 too_many_failed_attempts",
                        "429 too_many_provider_tests",
                        "500 internal_error",
                        "503 pool_queue_full",
                        "503 pool_acquire_timeout",
                        "503 database_unavailable",
                        "503 database_credentials_rejected",
                        "503 write_outcome_unknown",
                        "503 database_overloaded",
                        "503 database_full",
                        "503 database_read_only",
                        "504 statement_timeout",
                        "504 deadline_exceeded");
    }

    @Test
    void aStatusWithoutACodeBecomesTheNearestOne() {
        assertThat(ErrorCode.ofStatus(431)).isEqualTo(ErrorCode.INVALID_REQUEST);
        assertThat(ErrorCode.ofStatus(502)).isEqualTo(ErrorCode.INTERNAL_ERROR);
        assertThat(ErrorCode.ofStatus(-1)).isEqualTo(ErrorCode.INTERNAL_ERROR);
    }
}
