package dev.holdfast.db;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Connect attempts that end when the test says so, in the order in which they began. */
final class FakeOpener implements ConnectionPool.Opener {

    private record Attempt(Object home, Consumer<Link> opened, Consumer<ConnectFailure> failed) {}

    private final ArrayDeque<Attempt> attempts = new ArrayDeque<>();
    final List<FakeLink> links = new ArrayList<>();
    final List<Object> homes = new ArrayList<>();
    boolean encrypted = true;
    boolean linksCloseAtOnce = true;

    @Override
    public void open(Object home, Consumer<Link> opened, Consumer<ConnectFailure> failed) {
        homes.add(home);
        attempts.add(new Attempt(home, opened, failed));
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

    private FakeLink succeed(boolean alive) {
        Attempt attempt = attempts.remove();
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
