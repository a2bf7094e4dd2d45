package dev.holdfast.llmconfig;

import static org.awaitility.Awaitility.await;

import dev.holdfast.sealing.Keyset;
import dev.holdfast.sealing.Sealing;

/** Keysets in use, one after the other. */
final class Keysets {

    private Keysets() {}

    /** Has a service use another keyset, or none for null; when this has returned, all that it lists is by that. */
    static void use(Sealing sealing, ConfigCache cache, Keyset keyset) {
        ConfigSnapshot before = cache.required().snapshot();
        sealing.use(keyset);
        await().until(() -> cache.required().snapshot() != before);
    }
}
