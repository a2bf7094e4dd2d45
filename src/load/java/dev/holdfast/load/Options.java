package dev.holdfast.load;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The command line.
 *
 * @param target empty: one is started
 * @param management where a given target's metrics are
 * @param pid a given target's process on this machine, for its memory
 * @param apiKey empty: a key of a project of its own is made
 * @param adminKey given wherever a target is
 * @param warmUp zero for none
 * @param memory in MiB: what the started service's container would have, and must not exceed
 */
record Options(
        Scenario scenario,
        Optional<String> target,
        String management,
        Optional<Long> pid,
        Optional<String> apiKey,
        Optional<String> adminKey,
        int users,
        Duration duration,
        Duration warmUp,
        Optional<Integer> memory) {

    private static final Duration WARM_UP = Duration.ofSeconds(20);

    Options {
        if (target.isPresent() && adminKey.isEmpty()) {
            throw new IllegalArgumentException(
                    "a target needs -DadminKey=... or HOLDFAST_ADMIN_KEY: pool-status is for administrators");
        }
        if (target.isPresent() && memory.isPresent()) {
            throw new IllegalArgumentException("-Dmemory is for a service that is started here, without -Dtarget");
        }
    }

    /** @throws IllegalArgumentException saying what is wrong with them */
    static Options fromProperties() {
        Scenario scenario = Scenario.of(given("scenario").orElse(Scenario.PEAK.text()));
        Optional<String> target = given("target").map(url -> url.replaceAll("/+$", ""));
        return new Options(
                scenario,
                target,
                given("management").or(() -> target.map(Options::besides)).orElse(""),
                given("pid").map(value -> parsed("pid", value, Long::valueOf)),
                given("apiKey").or(() -> environment(target, Plan.API_KEY)),
                given("adminKey").or(() -> environment(target, Plan.ADMIN_KEY)),
                given("users")
                        .map(value -> parsed("users", value, Integer::valueOf))
                        .orElse(scenario.users()),
                given("duration").map(value -> duration("duration", value)).orElse(scenario.duration()),
                given("warmup").map(value -> duration("warmup", value)).orElse(WARM_UP),
                given("memory").map(value -> parsed("memory", value, Integer::valueOf)));
    }

    private static String besides(String target) {
        return "http://" + URI.create(target).getHost() + ":9000";
    }

    private static Optional<String> given(String name) {
        return Optional.ofNullable(System.getProperty(name)).filter(value -> !value.isBlank());
    }

    // A service that is started here has keys of its own.
    private static Optional<String> environment(Optional<String> target, String name) {
        return target.flatMap(url -> Optional.ofNullable(System.getenv(name)));
    }

    /** As the service's own settings: {@code 90s}, {@code 30m}, or a bare number of seconds. */
    private static Duration duration(String name, String value) {
        return parsed(name, value, text -> {
            String number = text.replaceFirst("[sm]$", "");
            return text.endsWith("m")
                    ? Duration.ofMinutes(Long.parseLong(number))
                    : Duration.ofSeconds(Long.parseLong(number));
        });
    }

    private static <T> T parsed(String name, String value, Function<String, T> parser) {
        try {
            return parser.apply(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("-D" + name + "=" + value + " is not a number", e);
        }
    }
}
