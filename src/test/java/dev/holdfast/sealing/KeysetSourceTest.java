package dev.holdfast.sealing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.testkit.LogCapture;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysetSourceTest {

    private final Vertx vertx = Vertx.vertx();
    private final Sealing sealing = new Sealing();

    @TempDir
    Path directory;

    @AfterEach
    void close() {
        vertx.close();
    }

    private record Settings(Optional<String> keyset, Optional<String> keysetFile) implements SealingSettings {}

    private KeysetSource source(String keyset, Path file) {
        return new KeysetSource(
                vertx,
                sealing,
                new Settings(
                        Optional.ofNullable(keyset), Optional.ofNullable(file).map(Path::toString)));
    }

    @Test
    void aKeysetInTheSettingIsUsed() {
        String text = Keyset.generate();

        source(text, null).start(null);

        assertThat(sealing.required("api_key").primaryId())
                .isEqualTo(Keyset.parse(text).primaryId());
    }

    @Test
    void aFileIsReadAgainAndOneThatCannotBeUsedLeavesTheKeysetThatThereIs() throws Exception {
        Path file = directory.resolve("keyset.json");
        String old = Keyset.generate();
        Files.writeString(file, old + "\n");
        KeysetSource source = source(null, file);
        source.start(null);
        long first = sealing.required("api_key").primaryId();

        try (LogCapture log = LogCapture.of(KeysetSource.class)) {
            Files.writeString(file, "marked-half-a-keyset");
            source.lookNow(file);
            source.lookNow(file);
            assertThat(sealing.required("api_key").primaryId()).isEqualTo(first);
            assertThat(log.messages())
                    .as("said once")
                    .singleElement()
                    .asString()
                    .contains("holdfast.keyset-file")
                    .doesNotContain("marked");
        }

        String rotated = Keyset.rotate(old);
        Files.writeString(file, rotated);
        source.lookNow(file);
        assertThat(sealing.required("api_key").primaryId())
                .isEqualTo(Keyset.parse(rotated).primaryId());
        source.stop(null);
    }

    @Test
    void aKeysetWithoutTheKeyThatSealsIsNotTakenAndMemoryKeepsIt() throws Exception {
        Path file = Files.writeString(directory.resolve("keyset.json"), Keyset.generate());
        KeysetSource source = source(null, file);
        source.start(null);
        long sealing = this.sealing.required("api_key").primaryId();

        try (LogCapture log = LogCapture.of(KeysetSource.class)) {
            Files.writeString(file, Keyset.rotate(Keyset.generate()));
            source.lookNow(file);
            assertThat(log.messages())
                    .containsExactly("holdfast.keyset-file: " + file + " lacks what is in use: key " + sealing
                            + ". The keyset in use stays; put it back into the file before a restart.");
        }
        assertThat(this.sealing.required("api_key").primaryId()).isEqualTo(sealing);
        source.stop(null);
    }

    @Test
    void anOldKeyMayBeTakenOutOfTheFileWhichIsSaid() throws Exception {
        String old = Keyset.generate();
        String rotated = Keyset.rotate(old);
        Path file = Files.writeString(directory.resolve("keyset.json"), rotated);
        KeysetSource source = source(null, file);
        source.start(null);

        try (LogCapture log = LogCapture.of(KeysetSource.class)) {
            Files.writeString(
                    file, EditedKeysets.without(rotated, Keyset.parse(old).primaryId()));
            source.lookNow(file);
            assertThat(log.messages())
                    .first()
                    .isEqualTo("key " + Keyset.parse(old).primaryId()
                            + " is in the keyset no more: what it has sealed can't be opened");
        }
        assertThat(sealing.required("api_key").ids())
                .containsExactly(Keyset.parse(rotated).primaryId());
        source.stop(null);
    }

    @Test
    void whatIsConfiguredButCannotBeUsedStopsTheStart() {
        assertThatThrownBy(() -> source("marked-nonsense", null).start(null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("holdfast.keyset: ")
                .hasMessageNotContaining("marked");
        assertThatThrownBy(() -> source(null, directory.resolve("missing")).start(null))
                .hasMessageStartingWith("holdfast.keyset-file: ");
        assertThatThrownBy(() -> source(Keyset.generate(), directory.resolve("keyset.json")))
                .hasMessageContaining("must not be set together");
    }

    @Test
    void withoutAKeysetTheServiceStarts() {
        source(null, null).start(null);

        assertThatThrownBy(() -> sealing.required("api_key")).hasMessageContaining("HOLDFAST_KEYSET");
    }
}
