package dev.holdfast.db;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.NoStackTraceThrowable;
import io.vertx.pgclient.impl.PgConnectionFactory;
import io.vertx.pgclient.impl.PgConnectionImpl;
import io.vertx.pgclient.impl.PgSocketConnection;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A connection of the Vert.x PG client, opened by {@link Wire}. */
final class PgLink implements Link {

    private final Wire wire;
    private final PgConnectionFactory factory;
    private final ContextInternal home;
    private final PgSocketConnection socket;
    private final TransactionWatch transactions = new TransactionWatch();
    private volatile @Nullable Throwable firstError;
    private volatile Consumer<String> notified = channel -> {};

    /** To be called on {@code home}. */
    PgLink(Wire wire, PgConnectionFactory factory, ContextInternal home, PgSocketConnection socket) {
        this.wire = wire;
        this.factory = factory;
        this.home = home;
        this.socket = socket;
        PgConnectionImpl holder = new PgConnectionImpl(factory, home, socket);
        // The first one says why; PostgreSQL's farewell may be followed by a reset.
        holder.exceptionHandler(error -> firstError = firstError == null ? error : firstError);
        holder.noticeHandler(notice -> {});
        holder.notificationHandler(notification -> notified.accept(notification.getChannel()));
        socket.init(holder);
        socket.socket().channelHandlerContext().pipeline().addBefore("codec", "holdfast-transactions", transactions);
    }

    /** Runs one statement; the answer arrives on {@code caller}. */
    Future<RowSet<Row>> run(ContextInternal caller, String sql, Tuple params) {
        Promise<RowSet<Row>> answer = caller.promise();
        new PgConnectionImpl(factory, home, socket)
                .preparedQuery(sql)
                .execute(params)
                .onComplete(done -> {
                    if (done.succeeded()) {
                        answer.complete(done.result());
                    } else if (done.cause() instanceof NoStackTraceThrowable && socket.isValid()) {
                        // The same type as for a lost connection; its text, which holds the parameters, is not for
                        // logs.
                        answer.fail(Failures.of(
                                DbException.Kind.INTERNAL, "Parameters do not fit the statement.", null, null));
                    } else {
                        answer.fail(done.cause());
                    }
                });
        return answer.future();
    }

    /** From now on PostgreSQL tells of what is sent on {@code channel}. */
    Future<Void> listen(ContextInternal caller, String channel) {
        Promise<Void> answer = caller.promise();
        new PgConnectionImpl(factory, home, socket)
                .query("LISTEN " + channel)
                .execute()
                .<Void>mapEmpty()
                .onComplete(answer);
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
        return socket.isSsl();
    }

    @Override
    public void onClosed(Consumer<@Nullable Throwable> closed) {
        Wire.onClosed(socket.socket(), () -> closed.accept(firstError));
    }

    @Override
    public void check(Consumer<@Nullable Throwable> done) {
        new PgConnectionImpl(factory, home, socket)
                .query("SELECT 1")
                .execute()
                .onComplete(answer -> done.accept(answer.cause()));
    }

    @Override
    public void close() {
        home.runOnContext(v -> new PgConnectionImpl(factory, home, socket).close());
    }

    @Override
    public void kill() {
        wire.cancel(home, socket.isSsl(), socket.getProcessId(), socket.getSecretKey());
        Wire.hardClose(socket.socket());
    }
}
