package dev.holdfast.db;

import java.util.function.Consumer;

/** A connection that does what the test says. */
final class FakeLink implements Link {

    boolean inTransaction;

    private final Object home;
    private final boolean encrypted;
    private Consumer<Throwable> onClosed;
    private Consumer<Throwable> check;
    /** Whether the server ends the connection as soon as it is asked to. */
    boolean closesAtOnce = true;

    boolean open = true;

    /** On its way back to the pool. */
    boolean parking;

    boolean atHome = true;
    boolean closeAsked;
    boolean killed;
    int checks;

    FakeLink(Object home, boolean encrypted) {
        this.home = home;
        this.encrypted = encrypted;
    }

    @Override
    public Object home() {
        return home;
    }

    @Override
    public boolean inTransaction() {
        return inTransaction;
    }

    @Override
    public boolean canBeParked() {
        return atHome;
    }

    @Override
    public boolean encrypted() {
        return encrypted;
    }

    @Override
    public void onClosed(Consumer<Throwable> closed) {
        onClosed = closed;
        if (!open) {
            closed.accept(null);
        }
    }

    @Override
    public void check(Consumer<Throwable> done) {
        checks++;
        check = done;
    }

    boolean checking() {
        return check != null;
    }

    /** Ends the check under way: with success if {@code failure} is null. */
    void answerCheck(Throwable failure) {
        Consumer<Throwable> done = check;
        check = null;
        done.accept(failure);
    }

    @Override
    public void close() {
        closeAsked = true;
        if (closesAtOnce) {
            end(null);
        }
    }

    @Override
    public void kill() {
        killed = true;
        end(null);
    }

    /** The connection ends without our doing, or at last. */
    void end(Throwable error) {
        if (open) {
            open = false;
            if (onClosed != null) {
                onClosed.accept(error);
            }
        }
    }
}
