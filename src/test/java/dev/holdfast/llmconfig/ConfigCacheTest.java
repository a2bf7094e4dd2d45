package dev.holdfast.llmconfig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.holdfast.db.Deadline;
import dev.holdfast.db.Replica;
import dev.holdfast.db.Ticket;
import dev.holdfast.http.IfMatch;
import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;
import dev.holdfast.testkit.TestDatabase;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two replicas on one database: each has a pool, a monitor and a snapshot of its own. */
class ConfigCacheTest {

    private static final Duration MAX_AGE = Duration.ofMinutes(10);

    /** Rare, so that what is seen is seen by being told. */
    private static final Duration BEAT = Duration.ofSeconds(4);

    private final TestDatabase database = TestDatabase.newDatabase();
    private final AtomicLong lag = new AtomicLong();
    private Service one;
    private Service two;

    private final class Service implements AutoCloseable {

        final Replica replica = new Replica(database, BEAT);
        final Sealing sealing = new Sealing();
        final ConfigCache cache =
                new ConfigCache(replica.monitor(), BEAT, sealing, MAX_AGE, () -> System.nanoTime() + lag.get());
        final ConfigRepository repository = new ConfigRepository(replica.database(), sealing);

        Service start() {
            cache.start(null);
            replica.start();
            await().until(() -> cache.view().isPresent());
            return this;
        }

        LlmConfig create(String name) {
            Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
            LlmConfig config = ConfigBody.read("{\"name\":\"%s\",\"provider\":\"openai\",\"model\":\"m\"}"
                            .formatted(name)
                            .getBytes())
                    .create(LlmConfig.newId(now.toEpochMilli()), now.getEpochSecond());
            get(repository.create(ticket(), write(config)));
            return config;
        }

        ConfigRepository.Write write(LlmConfig config) {
            return new ConfigRepository.Write(
                    config, "tester", Instant.now().truncatedTo(ChronoUnit.MICROS), null, null, "");
        }

        LlmConfig seen(String id) {
            return cache.required().snapshot().get(id);
        }

        @Override
        public void close() {
            replica.close();
        }
    }

    @BeforeEach
    void start() {
        one = new Service().start();
        two = new Service().start();
    }

    @AfterEach
    void close() {
        one.close();
        two.close();
        database.close();
    }

    private static Ticket ticket() {
        return new Ticket("default", Deadline.in(Duration.ofSeconds(20)));
    }

    private static <T> T get(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(20));
    }

    @Test
    void anEmptyDatabaseIsKnownToBeEmpty() {
        assertThat(one.cache.required().fresh()).isTrue();
        assertThat(one.cache.required().snapshot().models()).isEmpty();
    }

    @Test
    void aReplicaSeesItsOwnWriteOnceItHasRefreshed() {
        LlmConfig config = one.create("own");

        get(one.cache.refresh());

        assertThat(one.seen(config.id())).isEqualTo(config);
    }

    @Test
    void changesOfOneReplicaAreSeenByTheOtherByBeingTold() {
        LlmConfig config = one.create("told");
        await().atMost(Duration.ofSeconds(3)).until(() -> config.equals(two.seen(config.id())));

        ConfigChange change = ConfigBody.read("{\"priority\":5}".getBytes());
        LlmConfig next = change.apply(config, config.updatedAt());
        assertThat(get(one.repository.update(ticket(), one.write(next), 1, false)))
                .isTrue();
        await().atMost(Duration.ofSeconds(3))
                .until(() -> next.priority() == two.seen(config.id()).priority());

        get(one.repository.delete(ticket(), config.id(), "tester", IfMatch.ANY));
        await().atMost(Duration.ofSeconds(3)).until(() -> two.seen(config.id()) == null);
    }

    @Test
    void ofTwoReplicasThatChangeOneVersionOneWins() {
        LlmConfig config = one.create("race");
        LlmConfig next = ConfigBody.read("{\"priority\":5}".getBytes()).apply(config, config.updatedAt());

        Uni<Boolean> first = one.repository.update(ticket(), one.write(next), 1, false);
        Uni<Boolean> second = two.repository.update(ticket(), two.write(next), 1, false);

        assertThat(get(Uni.join().all(first, second).andFailFast())).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void whatTakesSeveralPagesIsSeenWholeOrNotAtAll() {
        database.execute("INSERT INTO llm_configs (id, name, provider, model, params, is_active, is_default, priority,"
                + " metadata, version, created_at, updated_at) SELECT 'cfg_' || lpad(to_hex(g), 40, '0'), 'n' || g,"
                + " 'openai', 'm', '{}', true, false, 0, '{}', 1, now(), now() FROM generate_series(1, 1000) g");

        await().until(() -> !two.cache.required().snapshot().models().isEmpty());
        assertThat(two.cache.required().snapshot().models()).hasSize(1000);
        database.execute("DELETE FROM llm_configs WHERE name <> 'n1000'");
        await().until(() -> two.cache.required().snapshot().models().size() == 1);

        try (Service late = new Service().start()) {
            assertThat(late.cache.required().snapshot().models()).hasSize(1);
        }
    }

    @Test
    void aDatabaseThatWasSetBackIsReadAnew() {
        LlmConfig kept = one.create("kept");
        LlmConfig lost = one.create("lost");
        await().until(() -> two.seen(lost.id()) != null);

        database.execute("ALTER TABLE llm_configs DISABLE TRIGGER USER");
        database.execute("DELETE FROM llm_configs WHERE id = ?", lost.id());
        database.execute("UPDATE llm_config_changes SET latest = 1");
        get(two.cache.refresh());

        await().until(() -> two.seen(lost.id()) == null);
        assertThat(two.seen(kept.id())).isEqualTo(kept);
    }

    @Test
    void anotherKeysetShowsInWhatIsKnown() {
        String text = Keyset.generate();
        one.sealing.use(Keyset.parse(text));
        LlmConfig config = one.create("keyed");
        database.execute(
                "UPDATE llm_configs SET api_key = ?, version = 2 WHERE id = ?",
                one.sealing.seal(config.id(), "sk-0123456789", "api_key"),
                config.id());

        await().until(() ->
                one.seen(config.id()) != null && one.seen(config.id()).keyState() == KeyState.SEALED);
        await().until(() ->
                two.seen(config.id()) != null && two.seen(config.id()).keyState() == KeyState.UNDECRYPTABLE);
        Keysets.use(two.sealing, two.cache, Keyset.parse(text));
        assertThat(two.seen(config.id()).keyState()).isEqualTo(KeyState.SEALED);
    }

    @Test
    void whatWasNotConfirmedForLongIsStaleAndInTheEndNotTrusted() {
        try (Service cutOff = new Service().start()) {
            cutOff.replica.stop();

            lag.set(Duration.ofSeconds(6).toNanos());
            await().until(() -> cutOff.cache.required().age().isPresent());
            assertThat(cutOff.cache.required().age().orElseThrow()).isBetween(6L, 60L);

            lag.set(MAX_AGE.toNanos());
            await().until(() -> cutOff.cache.view().isEmpty());
            Problem refused = catchThrowableOfType(Problem.class, cutOff.cache::required);
            assertThat(refused.code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE);
            assertThat(refused.getMessage()).contains("no longer trusted");
        }
    }

    @Test
    void whatWasNeverReadIsUnknownAndNotEmpty() {
        try (Service unborn = new Service()) {
            Problem refused = catchThrowableOfType(Problem.class, unborn.cache::required);
            assertThat(refused.code()).isEqualTo(ErrorCode.DATABASE_UNAVAILABLE);
            assertThat(refused.getMessage()).contains("not been read");
        }
    }

    @Test
    void aSnapshotMustBeAllowedToOutliveABeat() {
        assertThatThrownBy(() -> new ConfigCache(
                        one.replica.monitor(), BEAT, one.sealing, Duration.ofSeconds(4), System::nanoTime))
                .hasMessageContaining("holdfast.models.max-snapshot-age");
    }
}
