package dev.holdfast.load;

import java.util.Map;
import java.util.Optional;

/** A service that runs already, and goes on. */
record GivenSubject(Options options) implements Subject {

    @Override
    public String url() {
        return options.target().orElseThrow();
    }

    @Override
    public String management() {
        return options.management();
    }

    @Override
    public String adminKey() {
        return options.adminKey().orElseThrow();
    }

    @Override
    public Optional<Long> pid() {
        return options.pid();
    }

    @Override
    public Map<String, String> facts() {
        return Map.of("service", url() + ", given", "PostgreSQL", "behind the target, not known here");
    }

    @Override
    public void close() {
        // It was there before.
    }
}
