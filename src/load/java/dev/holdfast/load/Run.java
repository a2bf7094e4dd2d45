package dev.holdfast.load;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One scenario against one service, and what is to be true of the service meanwhile. */
record Run(Options options, Subject subject, Access access, Path directory) {

    private static final Duration AFTERWARDS = Duration.ofSeconds(15);
    private static final double MOST_IN_USE = 0.9;
    private static final double MIB = 1 << 20;

    Outcome outcome() throws IOException, InterruptedException {
        if (options.scenario() == Scenario.PAGING) {
            return memory(Paging.outcome(subject, access)).build();
        }
        Plan plan = new Plan(
                options.scenario(), subject.url(), options.users(), options.duration(), false, access.configs());
        warmUp(plan);
        try (IdleClients idle = options.scenario() == Scenario.IDLE ? new IdleClients(subject, access) : null) {
            Outcome.Builder outcome = underLoad(plan);
            if (idle != null) {
                int failures = idle.failures();
                outcome.check(
                        "idle clients without an answer", failures + " of " + IdleClients.COUNT, "none", failures == 0);
            }
            return memory(outcome).build();
        }
    }

    private void warmUp(Plan plan) throws IOException, InterruptedException {
        if (options.warmUp().isZero()) {
            return;
        }
        System.out.println("Warming up for " + options.warmUp().toSeconds() + " s ...");
        Plan warming = plan.warming(options.warmUp());
        try (Generator generator = Generator.start(warming, subject, access, directory.resolve("warm-up"), "")) {
            generator.begun();
            generator.passed(false);
        }
    }

    private Outcome.Builder underLoad(Plan plan) throws IOException, InterruptedException {
        Outcome.Builder outcome = new Outcome.Builder();
        Optional<Waits> before = Waits.of(subject.management());
        try (Sampler sampler = new Sampler(access.admin(), new Client(subject.url(), access.apiKey()));
                Generator generator = Generator.start(plan, subject, access, directory, Header.description(options))) {
            long begun = generator.begun();
            try (Growth growth = growth(plan, begun)) {
                boolean held = generator.passed(true);
                outcome.check("Gatling's assertions on answers", held ? "all hold" : "see above", "all hold", held);
                if (growth != null) {
                    growth.judge(outcome);
                }
            }
            if (plan.scenario() == Scenario.SPIKE) {
                recovery(
                        outcome,
                        sampler,
                        begun + Plan.SPIKE_EDGE.plus(plan.duration()).toNanos());
            }
            pool(outcome, sampler.since(begun));
        }
        waits(outcome, before);
        return outcome;
    }

    private @Nullable Growth growth(Plan plan, long begun) {
        return plan.scenario() == Scenario.ENDURANCE && subject.pid().isPresent()
                ? new Growth(subject.pid().get(), plan.ramp().plus(plan.duration()), begun)
                : null;
    }

    /** @param left when the spike's first user left, on the clock of {@link System#nanoTime()} */
    private static void recovery(Outcome.Builder outcome, Sampler sampler, long left) {
        await().forever().until(() -> System.nanoTime() - left >= AFTERWARDS.toNanos());
        Optional<Duration> felt = Recovery.of(sampler.since(left), left);
        outcome.check(
                "the spike is felt, after its users begin to leave, for",
                felt.map(time -> String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1e3))
                        .orElse("longer than was looked"),
                "less than " + Recovery.LIMIT.toSeconds() + " s",
                felt.filter(time -> time.compareTo(Recovery.LIMIT) < 0).isPresent());
    }

    private void pool(Outcome.Builder outcome, List<Sample> samples) {
        Sample first = samples.get(0);
        Sample last = samples.get(samples.size() - 1);
        long inUse = (long) Sample.most(samples, Sample::inUse);
        long most = (long) (MOST_IN_USE * last.maxSize());
        long timeouts = last.timeouts() - first.timeouts();
        long refused = samples.stream().filter(sample -> sample.ownMillis() < 0).count();
        outcome.samples(samples)
                .check(
                        "most connections in use, of " + last.maxSize(),
                        Long.toString(inUse),
                        "at most " + most,
                        inUse <= most)
                .check("acquire timeouts", Long.toString(timeouts), "none", timeouts == 0)
                .noted("requests turned away by the queue", Long.toString(last.rejected() - first.rejected()))
                .noted("requests of the suite's own that failed", Long.toString(refused));
    }

    /** That nobody waits for long is a target at the peak; elsewhere it is only said. */
    private void waits(Outcome.Builder outcome, Optional<Waits> before) throws InterruptedException {
        String what = "waits for a connection of more than 50 ms";
        Optional<Waits> after = before.isEmpty() ? Optional.empty() : Waits.of(subject.management());
        if (before.isEmpty() || after.isEmpty()) {
            outcome.notMeasured(what, "no metrics at '" + subject.management() + "'");
            return;
        }
        Waits waits = after.get().since(before.get());
        String figure = waits.longer() + " of " + waits.all();
        if (options.scenario() == Scenario.PEAK) {
            outcome.check(what, figure, "none", waits.longer() == 0);
        } else {
            outcome.noted(what, figure);
        }
    }

    private Outcome.Builder memory(Outcome.Builder outcome) throws IOException {
        if (subject.pid().isEmpty()) {
            return outcome;
        }
        String what = "most resident memory, warm-up included";
        double peak = Memory.peakBytes(subject.pid().get()) / MIB;
        String figure = String.format(Locale.ROOT, "%.0f MiB", peak);
        return options.memory().isPresent()
                ? outcome.check(
                        what,
                        figure,
                        "at most " + options.memory().get() + " MiB",
                        peak <= options.memory().get())
                : outcome.noted(what, figure);
    }
}
