package dev.holdfast.load;

import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What can be run, with how many users and for how long unless told otherwise. */
public enum Scenario {
    /** An ordinary day. */
    BASELINE(100, Duration.ofSeconds(60)),
    /** As many users as broke the service that this suite comes from. */
    PEAK(500, Duration.ofSeconds(60)),
    /** From nobody to everybody within seconds, and back; the duration is that of everybody. */
    SPIKE(300, Duration.ofSeconds(20)),
    /** Whether anything grows. */
    ENDURANCE(100, Duration.ofMinutes(30)),
    /** Whole conversations, checked to the word, and an administrator who switches the default model. */
    BUSINESS(50, Duration.ofSeconds(60)),
    /** {@link #PEAK} beside ten thousand connections on which nothing happens. */
    IDLE(500, Duration.ofSeconds(60)),
    /** One reader, ten thousand pages deep. The duration is not used. */
    PAGING(1, Duration.ofSeconds(1));

    private final int users;
    private final Duration duration;

    Scenario(int users, Duration duration) {
        this.users = users;
        this.duration = duration;
    }

    public int users() {
        return users;
    }

    public Duration duration() {
        return duration;
    }

    /** As it is written on the command line. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException naming those that there are */
    static Scenario of(String text) {
        return Arrays.stream(values())
                .filter(scenario -> scenario.text().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("-Dscenario=" + text + ": there are "
                        + Arrays.stream(values()).map(Scenario::text).collect(Collectors.joining(", "))));
    }
}
