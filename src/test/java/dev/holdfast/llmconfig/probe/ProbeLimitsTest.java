package dev.holdfast.llmconfig.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeLimitsTest {

    @Test
    void theDefaults() {
        assertThat(limits(Map.of()))
                .isEqualTo(new ProbeLimits(Duration.ofSeconds(5), Duration.ofSeconds(15), 256 << 10, 4, false, false));
    }

    @Test
    void environmentVariablesAreMapped() {
        assertThat(limits(Map.of(
                        "HOLDFAST_PROVIDER_TEST_ATTEMPT_TIMEOUT", "1s",
                        "HOLDFAST_PROVIDER_TEST_TIMEOUT", "2s",
                        "HOLDFAST_PROVIDER_TEST_MAX_RESPONSE", "1K",
                        "HOLDFAST_PROVIDER_TEST_MAX_CONCURRENT", "9",
                        "HOLDFAST_PROVIDER_TEST_ALLOW_PRIVATE", "true",
                        "HOLDFAST_PROVIDER_TEST_ALLOW_LOOPBACK", "true")))
                .isEqualTo(new ProbeLimits(Duration.ofSeconds(1), Duration.ofSeconds(2), 1 << 10, 9, true, true));
    }

    @ParameterizedTest
    @CsvSource({
        "ATTEMPT_TIMEOUT, 9ms, attempt-timeout",
        "ATTEMPT_TIMEOUT, 61s, attempt-timeout",
        "TIMEOUT, 4s, timeout",
        "TIMEOUT, 301s, timeout",
        "MAX_RESPONSE, 1023, max-response",
        "MAX_RESPONSE, 17M, max-response",
        "MAX_RESPONSE, 4097M, max-response",
        "MAX_CONCURRENT, 0, max-concurrent",
        "MAX_CONCURRENT, 101, max-concurrent"
    })
    void aValueThatMakesNoSenseIsRefusedByName(String variable, String value, String name) {
        assertThatThrownBy(() -> limits(Map.of("HOLDFAST_PROVIDER_TEST_" + variable, value)))
                .hasMessageStartingWith("holdfast.provider-test." + name + " must be");
    }

    @ParameterizedTest
    @CsvSource({
        "8.8.8.8, false, false, true",
        "8.8.8.8 10.0.0.1, false, false, false",
        "8.8.8.8 10.0.0.1, false, true, false",
        "8.8.8.8 10.0.0.1, true, false, true",
        "127.0.0.1, true, false, false",
        "127.0.0.1 ::1, false, true, true",
        "8.8.8.8 169.254.169.254, true, true, false",
        "100.100.100.200, true, true, false",
        "fd00:ec2::254, true, true, false",
        "fd00::1 fe80::1, true, true, false"
    })
    void everyAddressOfAHostMustBeAllowed(
            String addresses, boolean allowPrivate, boolean allowLoopback, boolean allowed)
            throws UnknownHostException {
        ProbeLimits limits =
                new ProbeLimits(Duration.ofSeconds(1), Duration.ofSeconds(1), 1024, 1, allowPrivate, allowLoopback);
        List<InetAddress> all = new ArrayList<>();
        for (String address : addresses.split(" ")) {
            all.add(InetAddress.getByName(address));
        }

        assertThat(limits.objection(all).isEmpty()).isEqualTo(allowed);
    }

    @Test
    void anObjectionNamesTheAddressAndTheWayOut() throws UnknownHostException {
        ProbeLimits limits = limits(Map.of());

        assertThat(limits.objection(List.of(InetAddress.getByName("10.1.2.3"))))
                .contains("The host has the address 10.1.2.3, which is private;"
                        + " holdfast.provider-test.allow-private allows that.");
    }

    static ProbeConfig config(Map<String, String> environment) {
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(ProbeConfig.class)
                .withSources(new EnvConfigSource(environment, 300))
                .build()
                .getConfigMapping(ProbeConfig.class);
    }

    private static ProbeLimits limits(Map<String, String> environment) {
        return ProbeLimits.of(config(environment));
    }
}
