package dev.holdfast.db;

import io.netty.channel.Channel;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the Vert.x PG client, opened by {@link Wire}. Statements go through the handle that Vert.x's pool has lent;
 * where it is not the pool's, as the monitor's is not, the connection is its own.
 */
final class PgLink implements Link {

    private final Wire wire;
    private final ContextInternal home;
    private final PgConnection connection;
    private final BooleanSupplier valid;
    private final Channel channel;
    private final TransactionWatch transactions = new TransactionWatch();
    private final ErrorWatch errors = new ErrorWatch();
    private volatile @Nullable SqlConnection handle;
    private volatile boolean lentAtHome = true;
    private volatile Consumer<String> notified = channel -> {};

    /**
     * To be called on {@code home}.
     *
     * @param valid whether the driver would still send on it
     */
    PgLink(Wire wire, ContextInternal home, PgConnection connection, BooleanSupplier valid, Channel channel) {
        this.wire = wire;
        this.home = home;
        this.connection = connection;
        this.valid = valid;
        this.channel = channel;
        this.handle = connection;
        silence(connection);
        connection.notificationHandler(notification -> notified.accept(notification.getChannel()));
        channel.pipeline().addBefore("codec", "holdfast-transactions", transactions);
        channel.pipeline().addAfter("codec", "holdfast-errors", errors);
    }

    /** The driver would print a stack trace, and log what PostgreSQL has to say besides. */
    private static void silence(PgConnection connection) {
        connection.exceptionHandler(error -> {});
        connection.noticeHandler(notice -> {});
    }

    /** From now on it is the pool's: it can be used only while the pool lends it. */
    SqlConnection pooled() {
        handle = null;
        return connection;
    }

    /**
     * The pool has lent it.
     *
     * @param where the context that it was asked on
     */
    void lentAs(SqlConnection handle, ContextInternal where) {
        silence(PgConnection.cast(handle));
        lentAtHome = where.nettyEventLoop().equals(home.nettyEventLoop());
        this.handle = handle;
    }

    /** The pool's side of a connection is no match for two threads, one that gives it back while it ends on the other. */
    @Override
    public boolean canBeParked() {
        return lentAtHome;
    }

    /** Gives it back to the pool; to be called where it was lent. */
    void park() {
        SqlConnection lent = lent();
        handle = null;
        // One that the pool does not take back it would never lend again.
        lent.close().onFailure(refused -> kill());
    }

    private SqlConnection lent() {
        return Objects.requireNonNull(handle, "the pool has not lent this connection");
    }

    /** Runs one statement; the answer arrives on {@code caller}. */
    Future<RowSet<Row>> run(ContextInternal caller, String sql, Tuple params) {
        Promise<RowSet<Row>> answer = caller.promise();
        lent().preparedQuery(sql).execute(params).onComplete(done -> {
            if (done.succeeded()) {
                answer.complete(done.result());
            } else if (done.cause() instanceof NoStackTraceThrowable && valid.getAsBoolean()) {
                // The same type as for a lost connection; its text, which holds the parameters, is not for logs.
                answer.fail(Failures.of(DbException.Kind.INTERNAL, "Parameters do not fit the statement.", null, null));
            } else {
                answer.fail(done.cause());
            }
        });
        return answer.future();
    }

    /** From now on PostgreSQL tells of what is sent on {@code channel}. */
    Future<Void> listen(ContextInternal caller, String channel) {
        Promise<Void> answer = caller.promise();
        lent().query("LISTEN " + channel).execute().<Void>mapEmpty().onComplete(answer);
        return answer.future();
    }

    /** Calls back with the channel of each notification, on the connection's event loop. */
    void onNotification(Consumer<String> notified) {
        this.notified = notified;
    }

    @Override
    public Object home() {
        return home.nettyEventLoop();
    }

    @Override
    public boolean inTransaction() {
        return transactions.open();
    }

    @Override
    public boolean encrypted() {
        return connection.isSSL();
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> closed) {
        Wire.onClosed(channel, () -> closed.accept(errors.first()));
    }

    @Override
    public void check(Consumer<@Nullable Throwable> done) {
        lent().query("SELECT 1").execute().onComplete(answer -> done.accept(answer.cause()));
    }

    /** Past the pool, which takes no notice before the socket is closed: until then the slot is not free. */
    @Override
    public void close() {
        home.runOnContext(v -> connection.close());
    }

    @Override
    public void kill() {
        wire.cancel(home, connection.isSSL(), connection.processId(), connection.secretKey());
        Wire.hardClose(channel);
    }
}
