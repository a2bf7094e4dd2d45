package dev.holdfast.db;

import io.quarkus.runtime.ShutdownEvent;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** All {@link Chore}s of this replica. They end before the pool does. */
@Singleton
public class Chores {

    private final Vertx vertx;
    private final List<Chore> all = new CopyOnWriteArrayList<>();

    Chores(Vertx vertx) {
        this.vertx = vertx;
    }

    /**
     * Adds one and sets its clock going.
     *
     * @param what is removed, in plural, for metrics and the log: a constant such as {@code items}
     * @param batch runs one statement
     */
    public Chore add(String what, Duration interval, Function<Ticket, Uni<Chore.Batch>> batch) {
        Chore chore = new Chore(vertx, what, interval, batch);
        all.add(chore);
        return chore;
    }

    /** How many have been removed since the start, by what they are. */
    public Map<String, Long> removed() {
        Map<String, Long> removed = new TreeMap<>();
        all.forEach(chore -> removed.merge(chore.what(), chore.removed(), Long::sum));
        return removed;
    }

    void stop(@Observes @Priority(1) ShutdownEvent event) {
        all.forEach(Chore::stop);
    }
}
