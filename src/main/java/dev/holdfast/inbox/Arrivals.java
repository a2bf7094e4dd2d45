package dev.holdfast.inbox;

import dev.holdfast.db.DbException;
import dev.holdfast.db.Ticket;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.subscription.UniEmitter;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Accepts together, by one statement and one commit, what comes while earlier messages of the project are being committed. None
 * waits for more to come, so a single message is as quick as ever.
 */
@Singleton
class Arrivals {

    /** Statements of one project that are under way at a time; what comes meanwhile makes up the next. */
    private static final int LINES = 2;

    private static final int LARGEST_GROUP = 50;

    /** More than this wait in the queue for connections, which is bounded, instead of here. */
    private static final int MOST_WAITING = 200;

    /** Characters of items that are sent together; whoever has more goes alone. */
    private static final int LARGEST = 64 * 1024;

    /** Who is in more of a hurry goes alone: a group has the deadline of its first to end. */
    private static final long PATIENT_NANOS = TimeUnit.SECONDS.toNanos(2);

    private final InboxRepository inbox;
    private final Workers workers;
    private final VertxInternal vertx;
    private final Context context;

    // Only touched on the context.
    private final Map<String, Line> lines = new HashMap<>();

    Arrivals(Vertx vertx, InboxRepository inbox, Workers workers) {
        this.inbox = inbox;
        this.workers = workers;
        this.vertx = (VertxInternal) vertx;
        this.context = this.vertx.createEventLoopContext();
    }

    /** One project's. */
    private static final class Line {

        final String project;
        final Deque<Waiting> waiting = new ArrayDeque<>();
        int underWay;

        Line(String project) {
            this.project = project;
        }
    }

    private record Waiting(
            Ticket ticket,
            InboxRepository.Arrival arrival,
            int size,
            Context caller,
            UniEmitter<? super InboxRepository.@Nullable Before> emitter) {

        void accepted(InboxRepository.@Nullable Before before) {
            caller.runOnContext(v -> emitter.complete(before));
        }

        void failed(Throwable failure) {
            caller.runOnContext(v -> emitter.fail(failure));
        }
    }

    /** As {@link InboxRepository#accept}, for a message without an idempotency key; on the caller's context. */
    Uni<InboxRepository.@Nullable Before> accept(Ticket ticket, InboxRepository.Arrival arrival) {
        int size = arrival.message().size();
        if (size > LARGEST || ticket.deadline().remainingNanos(System.nanoTime()) < PATIENT_NANOS) {
            return alone(ticket, arrival);
        }
        return Uni.createFrom().emitter(emitter -> {
            Waiting one = new Waiting(ticket, arrival, size, vertx.getOrCreateContext(), emitter);
            context.runOnContext(v -> add(one));
        });
    }

    private Uni<InboxRepository.@Nullable Before> alone(Ticket ticket, InboxRepository.Arrival arrival) {
        return inbox.accept(ticket, arrival, workers.tellOthers(), null, "");
    }

    private void add(Waiting one) {
        Line line = lines.computeIfAbsent(one.ticket.project(), Line::new);
        if (line.waiting.size() >= MOST_WAITING) {
            send(one);
        } else {
            line.waiting.add(one);
            next(line);
        }
    }

    private void next(Line line) {
        if (line.underWay < LINES && !line.waiting.isEmpty()) {
            line.underWay++;
            send(group(line.waiting), line);
        }
    }

    private static List<Waiting> group(Deque<Waiting> waiting) {
        List<Waiting> group = new ArrayList<>();
        int size = 0;
        while (!waiting.isEmpty()
                && group.size() < LARGEST_GROUP
                && (group.isEmpty() || size + waiting.element().size <= LARGEST)) {
            Waiting one = waiting.remove();
            size += one.size;
            group.add(one);
        }
        return group;
    }

    private void send(List<Waiting> group, Line line) {
        Ticket ticket = group.get(0).ticket;
        for (Waiting one : group) {
            boolean sooner = one.ticket.deadline().nanos() - ticket.deadline().nanos() < 0;
            ticket = sooner ? one.ticket : ticket;
        }
        List<InboxRepository.Arrival> arrivals =
                group.stream().map(Waiting::arrival).toList();
        inbox.acceptAll(ticket, arrivals, workers.tellOthers())
                .subscribe()
                .with(
                        done -> {
                            group.forEach(one -> one.accepted(null));
                            ended(line);
                        },
                        failure -> {
                            // One that is there already, or can't be stored, is not to be the others' failure.
                            if (failure instanceof DbException refused && isOnesFault(refused)) {
                                group.forEach(one -> sendApart(one, refused));
                            } else {
                                group.forEach(one -> one.failed(failure));
                            }
                            ended(line);
                        });
    }

    private void send(Waiting one) {
        alone(one.ticket, one.arrival).subscribe().with(one::accepted, one::failed);
    }

    /** If the group's first sending was lost, it may have been committed: a sender that were told to try again would double it. */
    private void sendApart(Waiting one, DbException group) {
        if (group.replayed()) {
            alone(one.ticket, one.arrival)
                    .onFailure(DbException.class)
                    .transform(group::unsettled)
                    .subscribe()
                    .with(one::accepted, one::failed);
        } else {
            send(one);
        }
    }

    private static boolean isOnesFault(DbException failure) {
        return failure.kind() == DbException.Kind.CONSTRAINT || failure.kind() == DbException.Kind.INTERNAL;
    }

    private void ended(Line line) {
        context.runOnContext(v -> {
            line.underWay--;
            if (line.underWay == 0 && line.waiting.isEmpty()) {
                lines.remove(line.project);
            }
            next(line);
        });
    }
}
