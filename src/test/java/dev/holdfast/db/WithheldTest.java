package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import org.junit.jupiter.api.Test;

class WithheldTest {

    @Test
    void aRefusalsCauseSaysWhatPostgresqlFoundButNotInWhat() {
        PgException refusal =
                new PgException("invalid input syntax: \"secret\"", "ERROR", "22P02", "Token \"secret\" is invalid");

        DbException failure =
                Failures.ofStatement(DbException.Kind.INTERNAL, "The statement failed.", true, false, refusal);

        assertThat(failure.sqlState()).isEqualTo("22P02");
        assertThat(failure.getCause()).hasMessage("io.vertx.pgclient.PgException, SQLSTATE 22P02");
        assertThat(failure).hasStackTraceContaining("WithheldTest");
        assertThat(failure.getCause()).hasNoCause();
    }

    @Test
    void theDriversMessageIsLeftOut() {
        assertThat(Withheld.of(new VertxException("Parameter [secret] cannot be coerced")))
                .hasMessage("io.vertx.core.VertxException");
    }

    @Test
    void aFailureInOurOwnWordsStaysAsItIs() {
        DbException ours = Failures.of(DbException.Kind.UNAVAILABLE, "PostgreSQL can't be reached.", null, null);

        assertThat(Withheld.of(ours)).isSameAs(ours);
        assertThat(Withheld.of(null)).isNull();
    }
}
