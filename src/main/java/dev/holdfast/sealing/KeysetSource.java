package dev.holdfast.sealing;

import static java.util.stream.Collectors.joining;

import dev.holdfast.db.BadSetting;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Brings the configured keyset to {@link Sealing}, and again whenever its file has changed. */
@Singleton
class KeysetSource {

    private static final Logger LOG = Logger.getLogger(KeysetSource.class);
    private static final String FILE = "holdfast.keyset-file";
    private static final Duration LOOK = Duration.ofSeconds(10);

    /** @param text what was read, to see whether it has changed */
    private record InUse(String text, Keyset keyset) {}

    private final Vertx vertx;
    private final Sealing sealing;
    private final Optional<String> text;
    private final @Nullable Path file;
    private volatile @Nullable InUse inUse;
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
            String found = read(file);
            use(found, parse(found, FILE));
            sealing.keptWhere(() -> kept(file));
            timer = vertx.setPeriodic(LOOK.toMillis(), id -> look(file));
        } else if (text.isPresent()) {
            use(text.get(), parse(text.get(), "holdfast.keyset"));
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

    /**
     * A file that can't be used, half written perhaps, leaves the keyset that there is. So does one without the key that seals,
     * which no rotation makes: memory may have the only copy.
     */
    void lookNow(Path at) {
        try {
            readAgain(at, false);
            failing = "";
        } catch (IllegalArgumentException e) {
            if (!failing.equals(e.getMessage())) {
                LOG.errorf("%s The keyset in use stays; put it back into the file before a restart.", e.getMessage());
            }
            failing = String.valueOf(e.getMessage());
        }
    }

    private Uni<Keyset> kept(Path at) {
        return Uni.createFrom()
                .completionStage(
                        () -> vertx.executeBlocking(() -> keptNow(at), false).toCompletionStage());
    }

    /**
     * The file's keyset, in use from now on, if it has all that was in use until now.
     *
     * @throws IllegalArgumentException if not; the message says what to do
     */
    Keyset keptNow(Path at) {
        try {
            return readAgain(at, true);
        } catch (IllegalArgumentException e) {
            // Which copy: the one that a rotation leaves beside the file has not the key that seals since.
            SortedSet<Long> used =
                    new TreeSet<>(Objects.requireNonNull(inUse).keyset.ids());
            throw new IllegalArgumentException(e.getMessage()
                    + " What the file lacks is in memory alone, and a restart loses it: put a copy that has "
                    + named(used) + " into the file, and ask again.");
        }
    }

    private synchronized Keyset readAgain(Path at, boolean whole) {
        InUse now = Objects.requireNonNull(inUse);
        String text = read(at);
        if (text.equals(now.text)) {
            return now.keyset;
        }
        Keyset found = parse(text, FILE);
        SortedSet<Long> missing = found.lacks(now.keyset);
        if (missing.contains(now.keyset.primaryId()) || whole && !missing.isEmpty()) {
            throw new IllegalArgumentException(FILE + ": " + at + " lacks what is in use: " + named(missing) + ".");
        }
        if (!missing.isEmpty()) {
            LOG.warnf("%s is in the keyset no more: what it has sealed can't be opened", named(missing));
        }
        use(text, found);
        return found;
    }

    private static String named(SortedSet<Long> keys) {
        return keys.stream().map(key -> "key " + key).collect(joining(" and "));
    }

    private synchronized void use(String read, Keyset keyset) {
        inUse = new InUse(read, keyset);
        sealing.use(keyset);
        LOG.infof(
                "Secrets are sealed with key %d of a keyset of %d",
                keyset.primaryId(), keyset.ids().size());
    }

    private static Keyset parse(String text, String setting) {
        try {
            return Keyset.parse(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(setting + ": " + e.getMessage());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalArgumentException(FILE + ": " + file + " can't be read.");
        }
    }
}
