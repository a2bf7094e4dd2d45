package dev.holdfast.db;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Vert.x's pool: connect attempts end when the test says so, in the order in which they began; all else happens at once, or,
 * where a test sets {@link #late}, when it says so.
 */
final class FakePool implements Lender {

    /** Somebody who asks for a connection; with a permit, or without. */
    private record Ask(Object home, Lender.Attempt permit, Consumer<Link> answered) {}

    /** A connect attempt by somebody's permit, for somebody. */
    private record Connect(Lender.Attempt permit, Ask ask) {}

    private final Map<Object, ArrayDeque<Runnable>> notes = new LinkedHashMap<>();
    private final List<Ask> asks = new ArrayList<>();
    private final Map<Object, List<Lender.Attempt>> permits = new HashMap<>();
    private final ArrayDeque<Connect> connects = new ArrayDeque<>();
    private final List<FakeLink> parked = new ArrayList<>();
    private final List<Runnable> answers = new ArrayList<>();
    final List<FakeLink> links = new ArrayList<>();
    final List<Object> homes = new ArrayList<>();
    int givenUp;
    int taken;
    int missed;
    boolean encrypted = true;
    boolean linksCloseAtOnce = true;

    /** How the pool's steps are mixed; null where everything happens at once. */
    Random late;

    @Override
    public Object anyHome() {
        return null;
    }

    @Override
    public Runnable open(Object home, Lender.Attempt attempt) {
        homes.add(home);
        note(home, () -> {
            permits(home).add(attempt);
            asks.add(new Ask(home, attempt, attempt::answered));
        });
        settle();
        return () -> giveUp(home, attempt);
    }

    @Override
    public Runnable take(Object home, Consumer<Link> answered) {
        note(home, () -> asks.add(new Ask(home, null, answered)));
        return this::settle;
    }

    @Override
    public Runnable park(Link link) {
        FakeLink returned = (FakeLink) link;
        returned.parking = true;
        note(link.home(), () -> {
            returned.parking = false;
            if (returned.open) {
                parked.add(returned);
            }
        });
        return this::settle;
    }

    private List<Lender.Attempt> permits(Object home) {
        return permits.computeIfAbsent(home, h -> new ArrayList<>());
    }

    private void note(Object home, Runnable action) {
        notes.computeIfAbsent(home, h -> new ArrayDeque<>()).add(action);
    }

    private void giveUp(Object home, Lender.Attempt attempt) {
        if (permits(home).remove(attempt)) {
            givenUp++;
            attempt.failed(ConnectFailure.timeout(0));
            return;
        }
        connects.stream().filter(c -> c.permit == attempt).findFirst().ifPresent(connect -> {
            connects.remove(connect);
            givenUp++;
            failed(connect, ConnectFailure.timeout(0));
        });
    }

    private void settle() {
        while (late == null && step()) {
            continue;
        }
    }

    /** Does the next thing that is due, or one of several; false if nothing is. */
    boolean step() {
        List<Runnable> due = new ArrayList<>(answers);
        notes.values().stream()
                .filter(queue -> !queue.isEmpty())
                .forEach(queue -> due.add(() -> queue.remove().run()));
        asks.forEach(ask -> due.add(() -> answer(ask)));
        if (due.isEmpty()) {
            return false;
        }
        Runnable next = due.get(late == null ? 0 : late.nextInt(due.size()));
        answers.remove(next);
        next.run();
        return true;
    }

    /** What waits for nobody but the pool itself. */
    int due() {
        return answers.size()
                + asks.size()
                + notes.values().stream().mapToInt(ArrayDeque::size).sum();
    }

    /** As the pool does it: an idle one of this home, or a new one, or an idle one of another. */
    private void answer(Ask ask) {
        asks.remove(ask);
        parked.removeIf(link -> !link.open);
        FakeLink here = parked.stream()
                .filter(link -> Objects.equals(link.home(), ask.home))
                .findFirst()
                .orElse(null);
        if (here == null && !permits(ask.home).isEmpty()) {
            connects.add(new Connect(permits(ask.home).remove(0), ask));
        } else if (here == null && late != null && !parked.isEmpty() && late.nextInt(4) == 0) {
            lend(parked.get(0), ask);
        } else if (here == null) {
            missed++;
            answered(ask, null);
        } else {
            lend(here, ask);
        }
    }

    private void lend(FakeLink link, Ask ask) {
        taken++;
        parked.remove(link);
        answered(ask, link);
    }

    private void answered(Ask ask, FakeLink link) {
        answers.add(() -> {
            withdraw(ask);
            ask.answered.accept(link);
        });
        settle();
    }

    /** No more permits are left than asks that might use them. */
    private void withdraw(Ask ask) {
        List<Lender.Attempt> left = permits(ask.home);
        while (left.size()
                > asks.stream().filter(a -> Objects.equals(a.home, ask.home)).count()) {
            left.remove(0).unused();
        }
    }

    /** It has noticed before us that they have ended, or not yet that they were given back. */
    void forgetParked() {
        parked.clear();
    }

    /** Slots that are taken: connections that are open, and attempts. */
    long size() {
        return links.stream().filter(link -> link.open).count() + connects.size();
    }

    /** Attempts that are under way. */
    int pending() {
        return connects.size();
    }

    /** All attempts that there have been. */
    int total() {
        return homes.size();
    }

    FakeLink succeed() {
        return succeed(true);
    }

    /** The connection is lost again before the pool has even heard of it. */
    void succeedWithADeadOne() {
        succeed(false);
    }

    /** The attempt that began last. */
    void succeedLast() {
        succeed(connects.removeLast(), true);
    }

    private FakeLink succeed(boolean alive) {
        return succeed(connects.remove(), alive);
    }

    private FakeLink succeed(Connect connect, boolean alive) {
        FakeLink link = new FakeLink(connect.ask.home, encrypted);
        link.open = alive;
        link.closesAtOnce = linksCloseAtOnce;
        links.add(link);
        connect.permit.opened(link);
        answered(connect.ask, link);
        return link;
    }

    void succeedAll() {
        while (!connects.isEmpty()) {
            succeed();
        }
    }

    void fail(ConnectFailure failure) {
        failed(connects.remove(), failure);
    }

    private void failed(Connect connect, ConnectFailure failure) {
        connect.permit.failed(failure);
        answered(connect.ask, null);
    }

    /** The one connection that is being checked. */
    FakeLink checking() {
        return links.stream()
                .filter(FakeLink::checking)
                .reduce((one, other) -> {
                    throw new AssertionError("several are checked");
                })
                .orElseThrow();
    }

    FakeLink last() {
        return links.get(links.size() - 1);
    }
}
