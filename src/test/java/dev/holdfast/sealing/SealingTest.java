package dev.holdfast.sealing;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.holdfast.problem.ErrorCode;
import dev.holdfast.problem.Problem;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SealingTest {

    private final Sealing sealing = new Sealing();

    @Test
    void whatIsSealedForOneConfigIsShutForAnother() {
        sealing.use(Keyset.parse(Keyset.generate()));
        byte[] sealed = sealing.seal("cfg_1", "sk-secret", "api_key");

        assertThat(sealing.open("cfg_1", sealed)).hasValue("sk-secret");
        assertThat(sealing.opens("cfg_1", sealed)).isTrue();
        assertThat(sealing.open("cfg_2", sealed)).isEmpty();
        assertThat(sealing.opens("cfg_2", sealed)).isFalse();
        assertThat(new String(sealed, UTF_8)).doesNotContain("sk-secret");
    }

    @Test
    void withoutAKeysetNothingIsSealedAndNothingOpened() {
        sealing.use(Keyset.parse(Keyset.generate()));
        byte[] sealed = sealing.seal("cfg_1", "sk-secret", "api_key");
        sealing.use(null);

        assertThat(sealing.opens("cfg_1", sealed)).isFalse();
        Problem refused = catchThrowableOfType(Problem.class, () -> sealing.seal("cfg_1", "sk-secret", "api_key"));
        assertThat(refused.code()).isEqualTo(ErrorCode.CONFLICT);
        assertThat(refused.param()).isEqualTo("api_key");
        assertThat(refused.getMessage()).contains("HOLDFAST_KEYSET").doesNotContain("sk-secret");
    }

    @Test
    void sealedAnewMeansByThePrimaryKey() {
        String old = Keyset.generate();
        sealing.use(Keyset.parse(old));
        byte[] sealed = sealing.seal("cfg_1", "sk-secret", "api_key");
        Keyset rotated = Keyset.parse(Keyset.rotate(old));

        byte[] anew = sealing.reseal(rotated, "cfg_1", sealed).orElseThrow();

        assertThat(anew).startsWith(rotated.prefix());
        sealing.use(rotated);
        assertThat(sealing.open("cfg_1", anew)).hasValue("sk-secret");
        assertThat(sealing.reseal(rotated, "cfg_2", sealed)).isEmpty();
    }

    @Test
    void whoeverAsksIsToldOfAnotherKeyset() {
        AtomicInteger told = new AtomicInteger();
        sealing.onChange(told::incrementAndGet);

        sealing.use(null);

        assertThat(told).hasValue(1);
    }
}
