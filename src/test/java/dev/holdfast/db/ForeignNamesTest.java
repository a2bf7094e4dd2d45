package dev.holdfast.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForeignNamesTest {

    @Test
    void whatIsToBeSetInsteadIsASettingOfOurs() throws IOException {
        Set<String> ours = Stream.concat(
                        Pattern.compile("\\$\\{([A-Z_]+):")
                                .matcher(Files.readString(Path.of("src/main/resources/application.properties")))
                                .results()
                                .map(found -> found.group(1)),
                        Stream.of("HOLDFAST_DB_IDLE_TIMEOUT", "HOLDFAST_DB_APPLICATION_NAME"))
                .collect(Collectors.toSet());

        assertThat(ForeignNames.all()
                        .flatMap(foreign -> Pattern.compile("\\b(DATABASE|DB|HOLDFAST)_[A-Z_]+")
                                .matcher(foreign.mend())
                                .results())
                        .map(MatchResult::group))
                .isNotEmpty()
                .allMatch(ours::contains);
    }

    @ParameterizedTest
    @CsvSource({
        "DB_POOL_SIZE, pool_size",
        "DATABASE_POOL_SIZE, pool_size",
        "HOLDFAST_DB_POOL_SIZE, pool_size",
        "SQLALCHEMY_MAX_OVERFLOW, max_overflow",
        "DB_IDLE_TIMEOUT_MILLIS, idleTimeoutMillis",
        "PGCONNECT_TIMEOUT, connect_timeout",
        "PGOPTIONS, options",
        "COMMAND_TIMEOUT, command_timeout",
        "SERVER_SETTINGS, server_settings",
        "RAILS_MAX_THREADS, RAILS_MAX_THREADS",
    })
    void variablesAreKnownBehindTheUsualPrefixes(String variable, String name) {
        assertThat(ForeignNames.ofVariable(variable).map(ForeignNames.Foreign::name))
                .contains(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"MAX", "TIMEOUT", "POOL", "APPLICATION_NAME", "TZ", "PGDATA", "POSTGRES_USER", "PATH"})
    void whatAnybodyMayHaveInAnEnvironmentIsNobodys(String variable) {
        assertThat(ForeignNames.ofVariable(variable)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"poolSize, pool_size", "IDLETIMEOUTMILLIS, idleTimeoutMillis", "command-timeout, command_timeout"})
    void parametersAreKnownInOtherSpellings(String parameter, String name) {
        assertThat(ForeignNames.ofParameter(parameter).map(ForeignNames.Foreign::name))
                .contains(name);
    }

    @Test
    void argumentsAreFoundWithinATextAndNothingElseOfItIs() {
        assertThat(ForeignNames.within("{\"command_timeout\": 60, 'server_settings': {'jit': 'off'}, max_size=5,"
                                + " secret: 'pool_size', command_timeout: 1}")
                        .stream()
                        .map(ForeignNames.Foreign::name))
                .containsExactly("command_timeout", "server_settings", "jit", "max_size");
    }
}
