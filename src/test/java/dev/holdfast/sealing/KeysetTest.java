package dev.holdfast.sealing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Parameters;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.mac.PredefinedMacParameters;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysetTest {

    private static final byte[] SECRET = "secret".getBytes(UTF_8);
    private static final byte[] CONFIG = "cfg_1".getBytes(UTF_8);

    @Test
    void aNewKeysetSealsAndOpens() throws Exception {
        Keyset keyset = Keyset.parse(Keyset.generate());

        byte[] sealed = keyset.aead().encrypt(SECRET, CONFIG);

        assertThat(keyset.aead().decrypt(sealed, CONFIG)).isEqualTo(SECRET);
        assertThat(sealed).startsWith(keyset.prefix());
        assertThat(keyset.ids()).containsExactly(keyset.primaryId());
    }

    @Test
    void base64IsTakenTooWithOrWithoutLines() {
        String json = Keyset.generate();
        long id = Keyset.parse(json).primaryId();

        assertThat(Keyset.parse(Base64.getEncoder().encodeToString(json.getBytes(UTF_8)))
                        .primaryId())
                .isEqualTo(id);
        assertThat(Keyset.parse("\n" + Base64.getMimeEncoder().encodeToString(json.getBytes(UTF_8)) + "\n")
                        .primaryId())
                .isEqualTo(id);
    }

    @Test
    void aRotatedKeysetSealsWithItsNewKeyAndOpensWhatTheOldOneSealed() throws Exception {
        String old = Keyset.generate();
        Keyset before = Keyset.parse(old);
        Keyset after = Keyset.parse(Keyset.rotate(old));

        assertThat(after.primaryId()).isNotEqualTo(before.primaryId());
        assertThat(after.ids()).containsExactlyInAnyOrder(before.primaryId(), after.primaryId());
        assertThat(after.aead().decrypt(before.aead().encrypt(SECRET, CONFIG), CONFIG))
                .isEqualTo(SECRET);
        byte[] sealed = after.aead().encrypt(SECRET, CONFIG);
        assertThat(sealed).startsWith(after.prefix());
        assertThatThrownBy(() -> before.aead().decrypt(sealed, CONFIG)).isInstanceOf(GeneralSecurityException.class);
    }

    @Test
    void aKeysetLacksTheKeysOfAnotherThatItHasNot() {
        String old = Keyset.generate();
        String rotated = Keyset.rotate(old);
        Keyset before = Keyset.parse(old);
        Keyset after = Keyset.parse(rotated);

        assertThat(after.lacks(before)).isEmpty();
        assertThat(before.lacks(after)).containsExactly(after.primaryId());
        assertThat(Keyset.parse(Keyset.generate()).lacks(after))
                .containsExactlyInAnyOrder(before.primaryId(), after.primaryId());
    }

    @Test
    void anotherKeyWithThePrimaryKeysNumberIsNotThatKey() {
        Keyset keyset = Keyset.parse(Keyset.generate());
        Keyset other = Keyset.parse(Keyset.generate());
        Keyset namesake = new Keyset(other.aead(), other.prefix(), keyset.primaryId(), keyset.ids());

        assertThat(namesake.lacks(keyset)).containsExactly(keyset.primaryId());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "marked-secret",
                "{\"marked-secret\":1}",
                "{\"key\":[{\"keyData\":\"marked-secret\"}]}",
                "%%%"
            })
    void whatIsNoKeysetIsRefusedWithoutShowingIt(String text) {
        assertThatThrownBy(() -> Keyset.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasNoCause()
                .hasMessage("This is not a Tink keyset in JSON, as it is or in base64.");
    }

    static Stream<Parameters> unfit() throws GeneralSecurityException {
        return Stream.of(
                PredefinedAeadParameters.AES128_GCM,
                PredefinedAeadParameters.CHACHA20_POLY1305,
                PredefinedMacParameters.HMAC_SHA256_256BITTAG,
                AesGcmParameters.builder()
                        .setKeySizeBytes(32)
                        .setIvSizeBytes(12)
                        .setTagSizeBytes(16)
                        .setVariant(AesGcmParameters.Variant.NO_PREFIX)
                        .build());
    }

    @ParameterizedTest
    @MethodSource("unfit")
    void aPrimaryKeyThatIsNotForAes256GcmWithAPrefixIsRefused(Parameters parameters) throws Exception {
        com.google.crypto.tink.mac.MacConfig.register();
        Keyset.generate();
        KeysetHandle.Builder.Entry entry = KeysetHandle.generateEntryFromParameters(parameters)
                .withRandomId()
                .makePrimary();
        String json = TinkJsonProtoKeysetFormat.serializeKeyset(
                KeysetHandle.newBuilder().addEntry(entry).build(), InsecureSecretKeyAccess.get());

        assertThatThrownBy(() -> Keyset.parse(json)).hasMessageContaining("must be one for AES-256-GCM");
    }
}
