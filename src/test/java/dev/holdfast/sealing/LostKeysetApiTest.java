package dev.holdfast.sealing;

import static dev.holdfast.testkit.Api.admin;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.allOf;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.not;

import dev.holdfast.testkit.PostgresResource;
import dev.holdfast.testkit.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of secrets when the file of the keyset in use is emptied, exchanged or gone. */
@QuarkusTest
class LostKeysetApiTest {

    private record Settings(Optional<String> keyset, Optional<String> keysetFile) implements SealingSettings {}

    private static final List<String> RESEALS = List.of("/admin/llm-configs/reseal", "/admin/inbox/sources/reseal");
    private static final String OLD = PostgresResource.KEYSET;
    private static final String IN_USE = Keyset.rotate(OLD);

    @Inject
    Sealing sealing;

    @Inject
    Vertx vertx;

    private final String source = "src-" + UUID.randomUUID();
    private String lastUsed = IN_USE;
    private Path file;

    @BeforeEach
    void keepTheKeysetInAFile(@TempDir Path directory) throws IOException {
        admin().body("{\"id\":\"%s\",\"name\":\"Chat\"}".formatted(source))
                .post("/admin/inbox/sources")
                .then()
                .statusCode(200);
        file = Files.writeString(directory.resolve("keyset.json"), IN_USE);
        KeysetSource keysets =
                new KeysetSource(vertx, sealing, new Settings(Optional.empty(), Optional.of(file.toString())));
        keysets.start(null);
        // It looks at the file when it is asked to, and not in the middle of a test.
        keysets.stop(null);
    }

    @AfterEach
    void useTheKeysetOfTheSettingAgain() {
        sealing.keptWhere(null);
        // What other tests know is the first keyset: what was sealed anew goes back to it.
        sealing.use(Keyset.parse(
                EditedKeysets.withPrimary(lastUsed, Keyset.parse(OLD).primaryId())));
        RESEALS.forEach(path -> admin().post(path).then().statusCode(200));
        sealing.use(Keyset.parse(OLD));
        admin().delete("/admin/inbox/sources/{id}", source).then().statusCode(200);
    }

    private byte[] stored() {
        return TestDatabase.shared().value(byte[].class, "SELECT secret FROM inbox_sources WHERE id = ?", source);
    }

    private void refused(String why) {
        byte[] before = stored();
        for (String path : RESEALS) {
            admin().post(path)
                    .then()
                    .statusCode(409)
                    .body("error.code", is("conflict"))
                    .body(
                            "error.message",
                            allOf(
                                    containsString("Nothing was sealed anew. holdfast.keyset-file: "),
                                    containsString(why),
                                    containsString("put a copy that has key "),
                                    containsString("key " + Keyset.parse(IN_USE).primaryId()),
                                    not(containsString(".bak")),
                                    not(containsString("marked"))));
        }
        assertThat(stored()).isEqualTo(before);
        assertThat(sealing.opens(source, before)).as("memory keeps the keyset").isTrue();
    }

    @Test
    void nothingIsResealedWhileTheKeysetsFileIsGone() throws Exception {
        Files.delete(file);

        refused("can't be read.");
    }

    @Test
    void nothingIsResealedWhileTheKeysetsFileIsEmpty() throws Exception {
        Files.writeString(file, "");

        refused("This is not a Tink keyset");
    }

    @Test
    void nothingIsResealedWhileTheKeysetsFileIsNoKeyset() throws Exception {
        Files.writeString(file, "marked-nonsense");

        refused("This is not a Tink keyset");
    }

    @Test
    void nothingIsResealedWhileTheFileHasAnotherKeyset() throws Exception {
        Files.writeString(file, Keyset.generate());

        refused("lacks what is in use: key ");
    }

    @Test
    void nothingIsResealedWhileTheFileHasANewKeyInsteadOfOneMore() throws Exception {
        long sealing = Keyset.parse(IN_USE).primaryId();
        Files.writeString(file, EditedKeysets.without(Keyset.rotate(IN_USE), sealing));

        refused("lacks what is in use: key " + sealing + ".");
    }

    @Test
    void nothingIsResealedWhileTheFileLacksAnOldKeyThatIsInUse() throws Exception {
        long old = Keyset.parse(OLD).primaryId();
        Files.writeString(file, EditedKeysets.without(IN_USE, old));

        refused("lacks what is in use: key " + old + ".");
    }

    @Test
    void aFileThatIsPutBackIsResealedWithAsBefore() throws Exception {
        Files.writeString(file, "");
        refused("This is not a Tink keyset");
        Files.writeString(file, IN_USE);

        sealedAnewWith(IN_USE);
    }

    @Test
    void aRotatedFileIsResealedWithEvenBeforeItsTimeToBeReadAgain() throws Exception {
        String rotated = Keyset.rotate(IN_USE);
        Files.writeString(file, rotated);

        sealedAnewWith(rotated);
        assertThat(sealing.required("secret").primaryId())
                .isEqualTo(Keyset.parse(rotated).primaryId());
    }

    private void sealedAnewWith(String keyset) {
        lastUsed = keyset;
        for (String path : RESEALS) {
            Response answer = admin().post(path);
            answer.then().statusCode(200);
            assertThat(answer.jsonPath().getLong("primary_key_id"))
                    .isEqualTo(Keyset.parse(keyset).primaryId());
        }
        assertThat(stored()).startsWith(Keyset.parse(keyset).prefix());
    }
}
