package dev.holdfast.load;

import java.time.Duration;
import java.util.List;

/**
 * What both JVMs know of a run. It travels from the suite to the generator as system properties; keys travel in the
 * environment, which is not in the list of processes.
 *
 * @param target where the API is, without a slash at the end
 * @param users most at the same time
 * @param duration without the time in which users come and go
 * @param warmUp whether nothing is asserted, because the service is only being warmed
 * @param configs ids of two LLM configs to switch between
 */
public record Plan(
        Scenario scenario, String target, int users, Duration duration, boolean warmUp, List<String> configs) {

    /** What the generator prints when the first user is about to come. */
    public static final String BEGUN = "the load begins";

    /** The names of the generator's environment variables. */
    public static final String API_KEY = "HOLDFAST_API_KEY";

    public static final String ADMIN_KEY = "HOLDFAST_ADMIN_KEY";

    /** The time in which a spike's users come, and the time in which they go. */
    public static final Duration SPIKE_EDGE = Duration.ofSeconds(5);

    /** The names of the two configs, and so of two models, by their position. */
    public static final List<String> CONFIG_NAMES = List.of("load/quick", "load/thorough");

    private static final String PREFIX = "load.";
    private static final Duration LONGEST_RAMP = Duration.ofSeconds(10);
    private static final Duration LONGEST_VISIT = Duration.ofSeconds(30);

    public Plan {
        if (users < 1 || duration.toSeconds() < 1) {
            throw new IllegalArgumentException("a run takes at least one user and one second");
        }
        configs = List.copyOf(configs);
    }

    Plan warming(Duration time) {
        return new Plan(scenario, target, users, time, true, configs);
    }

    /** The time in which the users come, where it is not a spike's. */
    public Duration ramp() {
        return atMost(LONGEST_RAMP);
    }

    /** How long each user stays. In a spike that is the whole of it; elsewhere whoever leaves is replaced. */
    public Duration visit() {
        return scenario == Scenario.SPIKE ? duration.plus(SPIKE_EDGE) : atMost(LONGEST_VISIT);
    }

    private Duration atMost(Duration longest) {
        Duration half = duration.dividedBy(2);
        return half.compareTo(longest) < 0 ? half : longest;
    }

    /** Options of the generator's JVM. */
    List<String> toOptions() {
        return List.of(
                option("scenario", scenario.text()),
                option("target", target),
                option("users", Integer.toString(users)),
                option("duration", duration.toString()),
                option("warmUp", Boolean.toString(warmUp)),
                option("configs", String.join(",", configs)));
    }

    private static String option(String name, String value) {
        return "-D" + PREFIX + name + "=" + value;
    }

    /** The plan that {@link #toOptions} wrote. */
    public static Plan fromProperties() {
        String configs = property("configs");
        return new Plan(
                Scenario.of(property("scenario")),
                property("target"),
                Integer.parseInt(property("users")),
                Duration.parse(property("duration")),
                Boolean.parseBoolean(property("warmUp")),
                configs.isEmpty() ? List.of() : List.of(configs.split(",")));
    }

    private static String property(String name) {
        return System.getProperty(PREFIX + name, "");
    }
}
