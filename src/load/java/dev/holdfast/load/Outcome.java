package dev.holdfast.load;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a run came to.
 *
 * @param samples of the run alone, without its warm-up
 */
record Outcome(List<Verdict> verdicts, List<Sample> samples) {

    /** Whether a figure met its target; {@code NOTED} has none. */
    enum Result {
        MET,
        MISSED,
        NOTED,
        NOT_MEASURED;

        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', ' ');
        }
    }

    record Verdict(String what, String figure, String target, Result result) {}

    Outcome {
        verdicts = List.copyOf(verdicts);
        samples = List.copyOf(samples);
    }

    boolean passed() {
        return verdicts.stream().noneMatch(verdict -> verdict.result == Result.MISSED);
    }

    /** Collects verdicts. */
    static final class Builder {

        private final List<Verdict> verdicts = new ArrayList<>();
        private List<Sample> samples = List.of();

        Builder samples(List<Sample> taken) {
            samples = Objects.requireNonNull(taken);
            return this;
        }

        Builder check(String what, String figure, String target, boolean met) {
            return add(what, figure, target, met ? Result.MET : Result.MISSED);
        }

        Builder noted(String what, String figure) {
            return add(what, figure, "", Result.NOTED);
        }

        Builder notMeasured(String what, String why) {
            return add(what, why, "", Result.NOT_MEASURED);
        }

        private Builder add(String what, String figure, String target, Result result) {
            verdicts.add(new Verdict(what, figure, target, result));
            return this;
        }

        Outcome build() {
            return new Outcome(verdicts, samples);
        }
    }
}
