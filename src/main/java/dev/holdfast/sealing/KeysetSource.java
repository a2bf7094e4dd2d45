package dev.holdfast.sealing;

import dev.holdfast.db.BadSetting;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Brings the configured keyset to {@link Sealing}, and again whenever its file has changed. */
@Singleton
class KeysetSource {

    private static final Logger LOG = Logger.getLogger(KeysetSource.class);
    private static final Duration LOOK = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Sealing sealing;
    private final Optional<String> text;
    private final @Nullable Path file;
    private volatile String inUse = "";
    private volatile String failing = "";
    private long timer = -1;

    KeysetSource(Vertx vertx, Sealing sealing, SealingSettings settings) {
        this.vertx = vertx;
        this.sealing = sealing;
        this.text = settings.keyset();
        this.file = settings.keysetFile().map(Path::of).orElse(null);
        outOfRange(settings).refuse();
    }

    static BadSetting.Finder outOfRange(SealingSettings settings) {
        return new BadSetting.Finder()
                .check(
                        settings.keyset().isEmpty() || settings.keysetFile().isEmpty(),
                        "holdfast.keyset-file (HOLDFAST_KEYSET_FILE)",
                        "must not be set together with holdfast.keyset (HOLDFAST_KEYSET): one is enough.");
    }

    /** What is configured but can't be used ends the start; before anything asks for a key's state. */
    void start(@Observes @Priority(1) StartupEvent event) {
        if (file != null) {
            use(read(file), "holdfast.keyset-file");
            timer = vertx.setPeriodic(LOOK.toMillis(), id -> look(file));
        } else if (text.isPresent()) {
            use(text.get(), "holdfast.keyset");
        } else {
            LOG.info(
                    "No keyset (HOLDFAST_KEYSET, HOLDFAST_KEYSET_FILE): provider keys and inbox secrets can't be stored");
        }
    }

    void stop(@Observes ShutdownEvent event) {
        vertx.cancelTimer(timer);
    }

    private void look(Path at) {
        vertx.executeBlocking(() -> {
            lookNow(at);
            return null;
        });
    }

    /** A file that can't be used, half written perhaps, leaves the keyset that there is. */
    void lookNow(Path at) {
        try {
            use(read(at), "holdfast.keyset-file");
            failing = "";
        } catch (IllegalArgumentException e) {
            if (!failing.equals(e.getMessage())) {
                LOG.errorf("%s The keyset in use stays.", e.getMessage());
            }
            failing = String.valueOf(e.getMessage());
        }
    }

    private void use(String found, String setting) {
        if (found.equals(inUse)) {
            return;
        }
        Keyset keyset;
        try {
            keyset = Keyset.parse(found);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage());
        }
        inUse = found;
        sealing.use(keyset);
        LOG.infof("Secrets are sealed with key %d of a keyset of %d", keyset.primaryId(), keyset.size());
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("holdfast.keyset-file: " + file + " can't be read.");
        }
    }
}
