package dev.holdfast.inbox;

import dev.holdfast.conversation.SenderAppend;
import dev.holdfast.db.Backoff;
import dev.holdfast.db.Database;
import dev.holdfast.db.DbException;
import dev.holdfast.db.Deadline;
import dev.holdfast.db.Monitor;
import dev.holdfast.db.Ticket;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Delivers what waits: the messages of several senders by one statement, where they have few each. It claims no more than it
 * can deliver at once, so there is nothing that it holds without working on it. Woken by this replica's own messages, by other
 * replicas' ({@code NOTIFY}) and, at the monitor's beat, by whatever is due: while nothing is, it takes no connection.
 */
@Singleton
class Workers {

    private static final Logger LOG = Logger.getLogger(Workers.class);

    /** No project can have this name: deliveries have a turn of their own in the queue for connections. */
    private static final String SHARE = "(inbox)";

    /** Other replicas are told no more often: whoever commits a NOTIFY waits for all others that do. */
    private static final long TELL_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    /** What comes within it is delivered together: so a stream of single messages costs a statement for many, not one for each. */
    private static final long GATHER_MILLIS = 40;

    private static final long LONGEST_REST_MILLIS = 1_000;

    private static final String DUE = "SELECT EXISTS (SELECT FROM inbox_senders WHERE due_at <= now()) AS due";

    private final Queue queue;
    private final InboxFigures figures;
    private final VertxInternal vertx;
    private final Context context;
    private final InstantSource clock = InstantSource.system();
    private final AtomicLong lastTold = new AtomicLong(System.nanoTime() - TELL_NANOS);
    private final int concurrency;
    private final int batch;
    private final int maxAttempts;
    private final Duration lease;
    private final Backoff retry;
    private final Backoff pause = backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private final AtomicBoolean woken = new AtomicBoolean();
    private volatile boolean stopped;

    // Only touched on the context.
    private String lastProject = "";
    private int busy;
    private boolean claiming;
    private boolean asked;
    private boolean gathering;
    private boolean more;
    private boolean pausing;
    private int failures;

    Workers(Vertx vertx, Queue queue, InboxFigures figures, Database db, InboxConfig config) {
        InboxConfig.check(config);
        this.vertx = (VertxInternal) vertx;
        this.context = this.vertx.createEventLoopContext();
        this.queue = queue;
        this.figures = figures;
        this.concurrency =
                Math.min(config.concurrency(), Math.max(1, db.figures().maxSize() / 2));
        this.batch = config.batch();
        this.maxAttempts = config.maxAttempts();
        this.lease = config.lease();
        this.retry = backoff(config.retryBase(), config.retryCap());
    }

    private static Backoff backoff(Duration base, Duration cap) {
        return new Backoff(
                base.toNanos(), cap.toNanos(), () -> ThreadLocalRandom.current().nextDouble());
    }

    void start(@Observes StartupEvent event, Monitor monitor) {
        Monitor.Watch due = monitor.watch("inbox.due", DUE, this::look);
        // Asked on the monitor's connection: nothing is claimed in vain.
        monitor.listen(
                InboxRepository.CHANNEL,
                () -> due.refresh().subscribe().with(done -> {}, e -> LOG.debugf("Not woken: %s", e.getMessage())));
    }

    private void look(RowSet<Row> rows) {
        if (rows.iterator().next().getBoolean("due")) {
            wake();
        }
    }

    /** From now on nothing more is claimed; what is under way comes to its end, and its senders are given back. */
    void drain(@Observes ShutdownDelayInitiatedEvent event) {
        stopped = true;
    }

    void stop(@Observes @Priority(1) ShutdownEvent event) {
        stopped = true;
    }

    /** Whether the next message accepted here is to tell other replicas; a draining one always leaves the work to them. */
    boolean tellOthers() {
        long now = System.nanoTime();
        long last = lastTold.get();
        return stopped || now - last >= TELL_NANOS && lastTold.compareAndSet(last, now);
    }

    /** To be called when there may be something to deliver; on any thread. */
    void wake() {
        if (woken.compareAndSet(false, true)) {
            context.runOnContext(v -> {
                asked = true;
                claimSoon();
            });
        }
    }

    private void claimSoon() {
        if (!gathering && !stopped) {
            gathering = true;
            vertx.setTimer(
                    GATHER_MILLIS,
                    fired -> context.runOnContext(v -> {
                        gathering = false;
                        claim();
                    }));
        }
    }

    private void claim() {
        if (stopped || claiming || pausing || !asked || busy >= concurrency) {
            return;
        }
        claiming = true;
        asked = false;
        woken.set(false);
        queue.claim(ticket(), lastProject, batch, lease).subscribe().with(this::claimed, e -> {
            claiming = false;
            rest(e);
        });
    }

    private void claimed(Queue.Claim claim) {
        claiming = false;
        failures = 0;
        more = claim.more();
        if (claim.project() == null) {
            next();
            return;
        }
        lastProject = claim.project();
        asked = true;
        if (claim.held().isEmpty()) {
            // All that is due is locked: by others who claim it, or by messages that are just coming.
            pauseFor(pause.delay(1));
            return;
        }
        busy++;
        long startedAt = System.nanoTime();
        deliver(claim.held()).subscribe().with(done -> restAfter(startedAt), this::served);
        next();
    }

    /** As long as the work took: so whoever reads finds PostgreSQL free of it for half of the time, however much waits. */
    private void restAfter(long startedAt) {
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt);
        vertx.setTimer(
                Math.min(Math.max(1, millis), LONGEST_REST_MILLIS), fired -> context.runOnContext(v -> served(null)));
    }

    private void next() {
        if (more) {
            claim();
        } else if (asked) {
            claimSoon();
        }
    }

    private void served(@Nullable Throwable failure) {
        busy--;
        if (failure == null) {
            failures = 0;
            asked = true;
            next();
        } else {
            rest(failure);
        }
    }

    /** While PostgreSQL can't, workers wait; no message is to blame for that. */
    private void rest(Throwable failure) {
        asked = true;
        failures++;
        LOG.logf(
                failures == 1 ? Logger.Level.WARN : Logger.Level.DEBUG,
                "Messages of the inbox can't be delivered now and wait: %s",
                failure.getMessage());
        pauseFor(pause.delay(failures));
    }

    private void pauseFor(long nanos) {
        if (pausing || stopped) {
            return;
        }
        pausing = true;
        vertx.setTimer(
                Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)),
                fired -> context.runOnContext(v -> {
                    pausing = false;
                    claim();
                }));
    }

    /** Fails only with what is not the messages' fault. */
    private Uni<@Nullable Void> deliver(List<Queue.Held> group) {
        Queue.Held first = group.get(0);
        // What has failed before is taken by itself, so that it holds nobody up.
        Uni<@Nullable Void> work = first.attempts() > 0 ? oneByOne(first) : together(group);
        return work.onFailure().call(e -> giveBack(group));
    }

    /** All at once; where one of their messages fails, each sender by himself, and of him one message after the other. */
    private Uni<@Nullable Void> together(List<Queue.Held> group) {
        return queue.deliver(ticket(), group, clock.millis(), batch)
                .invoke(figures::delivered)
                .<@Nullable Void>replaceWith((Void) null)
                .onFailure(Workers::isMessagesFault)
                .recoverWithUni(e -> group.size() == 1 ? oneByOne(group.get(0)) : apart(group));
    }

    private Uni<@Nullable Void> apart(List<Queue.Held> group) {
        return Multi.createFrom()
                .iterable(group)
                .onItem()
                .transformToUniAndConcatenate(held -> together(List.of(held)))
                .collect()
                .last()
                .<@Nullable Void>replaceWith((Void) null);
    }

    /** One message after the other, up to the one that fails: that one is put off, or set aside. */
    private Uni<@Nullable Void> oneByOne(Queue.Held held) {
        return queue.first(ticket(), held).flatMap(message -> {
            if (message == null) {
                return queue.release(ticket(), List.of(held));
            }
            return queue.deliverOne(ticket(), held, clock.millis(), message)
                    .invoke(figures::delivered)
                    .flatMap(delivered ->
                            delivered == 0 ? queue.release(ticket(), List.of(held)) : oneByOne(afterSuccess(held)))
                    .onFailure(Workers::isMessagesFault)
                    .recoverWithUni(e -> failed(held, message, (DbException) e));
        });
    }

    private static Queue.Held afterSuccess(Queue.Held held) {
        return new Queue.Held(held.project(), held.sender(), held.claim(), 0);
    }

    private Uni<@Nullable Void> failed(Queue.Held held, String message, DbException failure) {
        int attempts = held.attempts() + 1;
        boolean dead = attempts >= maxAttempts;
        String reason = reason(failure);
        Duration delay = dead ? Duration.ZERO : Duration.ofNanos(retry.delay(attempts));
        return queue.fail(ticket(), held, message, reason, dead, delay)
                .invoke(noted -> {
                    if (noted) {
                        figures.failed(dead);
                        LOG.logf(
                                dead ? Logger.Level.ERROR : Logger.Level.WARN,
                                "The message %s of the inbox failed %s: %s",
                                message,
                                dead ? "too often and is set aside" : "and is tried again",
                                reason);
                        vertx.setTimer(Math.max(1, delay.toMillis() + 1), fired -> wake());
                    }
                })
                .replaceWith((Void) null);
    }

    private static boolean isMessagesFault(Throwable failure) {
        return failure instanceof DbException e
                && switch (e.kind()) {
                    case CONSTRAINT, INTERNAL, STATEMENT_TIMEOUT -> true;
                    default -> false;
                };
    }

    private static String reason(DbException failure) {
        if (SenderAppend.isItemId(failure.constraint())) {
            return "An item's id is taken in the conversation already.";
        }
        return failure.sqlState() == null
                ? "It failed: " + failure.kind() + "."
                : "PostgreSQL refused it: " + failure.kind() + ", SQLSTATE " + failure.sqlState() + ".";
    }

    /** If that fails too, the lease ends by itself. */
    private Uni<@Nullable Void> giveBack(List<Queue.Held> group) {
        return queue.release(ticket(), group)
                .onFailure()
                .invoke(e -> LOG.debugf("Senders are given back by the end of their lease only: %s", e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    /** Nothing is worth waiting for until the lease has ended. */
    private Ticket ticket() {
        return new Ticket(SHARE, Deadline.in(lease.dividedBy(2)));
    }
}
