package dev.holdfast.db;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Connect attempts that end when the test says so, in the order in which they began. */
final class FakeOpener implements Connecting.Opener {

    private record Attempt(Object home, Consumer<Link> opened, Consumer<ConnectFailure> failed) {}

    private final ArrayDeque<Attempt> attempts = new ArrayDeque<>();
    final List<FakeLink> links = new ArrayList<>();
    final List<Object> homes = new ArrayList<>();
    int givenUp;
    boolean encrypted = true;
    boolean linksCloseAtOnce = true;

    @Override
    public Runnable open(Object home, Consumer<Link> opened, Consumer<ConnectFailure> failed) {
        homes.add(home);
        Attempt attempt = new Attempt(home, opened, failed);
        attempts.add(attempt);
        return () -> {
            if (attempts.remove(attempt)) {
                givenUp++;
                failed.accept(ConnectFailure.timeout(0));
            }
        };
    }

    /** Attempts that are under way. */
    int pending() {
        return attempts.size();
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
        succeed(attempts.removeLast(), true);
    }

    private FakeLink succeed(boolean alive) {
        return succeed(attempts.remove(), alive);
    }

    private FakeLink succeed(Attempt attempt, boolean alive) {
        FakeLink link = new FakeLink(attempt.home, encrypted);
        link.open = alive;
        link.closesAtOnce = linksCloseAtOnce;
        links.add(link);
        attempt.opened.accept(link);
        return link;
    }

    void succeedAll() {
        while (!attempts.isEmpty()) {
            succeed();
        }
    }

    void fail(ConnectFailure failure) {
        attempts.remove().failed.accept(failure);
    }

    FakeLink last() {
        return links.get(links.size() - 1);
    }
}
