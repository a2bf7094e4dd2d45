package dev.holdfast.db;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.impl.ContextInternal;
import io.vertx.core.impl.VertxInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.SocketAddress;
import io.vertx.core.net.impl.NetSocketInternal;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.impl.PgConnectionFactory;
import io.vertx.pgclient.impl.PgConnectionImpl;
import io.vertx.pgclient.impl.PgSocketConnection;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.impl.Connection;
import io.vertx.sqlclient.impl.SqlConnectionInternal;
import io.vertx.sqlclient.impl.command.InitCommand;
import java.nio.channels.ClosedChannelException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to PostgreSQL with libpq's meaning of {@code sslmode}. The driver's own opening is not used because
 * its timeout ends with the TCP connect, and because a socket that falls silent in a handshake can't be closed from
 * outside it. So this is where the driver's implementation classes are named; nothing else but {@link PoolDriver} needs any.
 */
final class Wire {

    private static final int SSL_REQUEST = 80877103;
    private static final int CANCEL_REQUEST = 80877102;
    private static final Duration UNACKNOWLEDGED = Duration.ofSeconds(30);

    private final VertxInternal vertx;
    private final SessionOptions session;
    private final Duration timeout;
    private final PgConnectionFactory factory;
    private final NetClient plain;
    private @Nullable Encryption encryption;
    private volatile @Nullable Instant certificateExpiry;

    /**
     * An attempt under way.
     *
     * @param link comes, or a {@link ConnectFailure}, on the connection's event loop
     * @param giveUp makes it fail, if it has not ended
     */
    record Opening(Future<PgLink> link, Runnable giveUp) {}

    /** The client that was made from a state of the certificate files, to be used until they change. */
    private record Encryption(TlsMaterial material, NetClient client) {}

    Wire(Vertx vertx, SessionOptions session, Duration timeout) {
        this.vertx = (VertxInternal) vertx;
        this.session = session;
        this.timeout = timeout;
        this.factory = new PgConnectionFactory(this.vertx, () -> Future.succeededFuture(session.options()));
        this.plain = vertx.createNetClient(netOptions());
    }

    /**
     * Makes one attempt, its TCP, TLS and authentication under one timer.
     *
     * @param home the event loop that the connection will live on
     */
    Opening open(ContextInternal home, Duration timeout) {
        Promise<PgLink> result = home.promise();
        Attempt attempt = new Attempt(home, result, timeout.toMillis());
        home.runOnContext(v -> attempt.start());
        return new Opening(result.future(), () -> home.runOnContext(v -> attempt.giveUp()));
    }

    /**
     * The connection that Vert.x's pool has lent. Not told by process id and secret key, which poolers and servers that only
     * look like PostgreSQL may give to several, or to none.
     */
    static PgLink linkOf(SqlConnection handle) {
        Connection pooled = ((SqlConnectionInternal) handle).unwrap();
        return Objects.requireNonNull(((Session) pooled.unwrap()).link, "not one of ours");
    }

    /** When the first of the server's certificates ends, as the last handshake showed them; null before there was one. */
    @Nullable
    Instant certificateExpiry() {
        return certificateExpiry;
    }

    /** The longest that an attempt takes, unless it is asked for less. */
    Duration timeout() {
        return timeout;
    }

    /**
     * Asks PostgreSQL to cancel what a backend is doing; nobody waits for it, and it may come too late.
     *
     * @param encrypted as the connection to that backend is
     */
    void cancel(ContextInternal home, boolean encrypted, int processId, int secretKey) {
        home.runOnContext(v -> {
            Promise<PgLink> result = home.promise();
            Attempt attempt = new Attempt(home, result, timeout.toMillis());
            attempt.watch();
            // PostgreSQL closes the connection once it has read the request; were we first, it might not read it.
            result.future().onComplete(done -> attempt.close());
            attempt.socket(encrypted)
                    .compose(pg -> pg.socket()
                            .write(Buffer.buffer(16)
                                    .appendInt(16)
                                    .appendInt(CANCEL_REQUEST)
                                    .appendInt(processId)
                                    .appendInt(secretKey)))
                    .onComplete(sent -> {
                        if (sent.failed()) {
                            result.tryFail(sent.cause());
                        } else {
                            onClosed(
                                    Objects.requireNonNull(attempt.socket)
                                            .channelHandlerContext()
                                            .channel(),
                                    result::tryComplete);
                        }
                    });
        });
    }

    private NetClientOptions netOptions() {
        NetClientOptions options = new NetClientOptions()
                .setConnectTimeout((int) Math.min(timeout.toMillis(), Integer.MAX_VALUE))
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                // The attempt's own timer is the only one: at another's end prefer would go on in plaintext.
                .setSslHandshakeTimeout(0)
                .setHostnameVerificationAlgorithm("");
        // Only native transports have it: what was sent and is not acknowledged for so long ends the connection.
        options.setTcpUserTimeout((int) UNACKNOWLEDGED.toMillis());
        return options;
    }

    /** The client for the certificate files as they are now: they are read for every attempt, because they get rotated. */
    private Future<NetClient> encrypting() {
        return session.tlsMaterial(vertx).map(material -> {
            synchronized (this) {
                if (encryption == null || !encryption.material.equals(material)) {
                    encryption = new Encryption(material, vertx.createNetClient(material.applyTo(netOptions())));
                }
                return encryption.client;
            }
        });
    }

    /** The driver's side of a connection, and ours. */
    private static final class Session extends PgSocketConnection {

        private @Nullable PgLink link;

        Session(NetSocketInternal socket, PgConnectOptions options, ContextInternal home) {
            super(
                    socket,
                    null,
                    options,
                    options.getCachePreparedStatements(),
                    options.getPreparedStatementCacheMaxSize(),
                    options.getPreparedStatementCacheSqlFilter(),
                    options.getPipeliningLimit(),
                    false,
                    home);
        }
    }

    private final class Attempt {

        private final ContextInternal home;
        private final Promise<PgLink> result;
        private final long timeoutMillis;
        private long startedAt;
        private @Nullable NetSocketInternal socket;
        /** From the server's yes to TLS on, until TLS is there. */
        private boolean handshaking;

        Attempt(ContextInternal home, Promise<PgLink> result, long timeoutMillis) {
            this.home = home;
            this.result = result;
            this.timeoutMillis = timeoutMillis;
        }

        void start() {
            watch();
            open().onComplete(done -> {
                if (done.failed()) {
                    close();
                    result.tryFail(ConnectFailure.of(done.cause()));
                } else if (!result.tryComplete(done.result())) {
                    close();
                }
            });
        }

        void watch() {
            startedAt = System.nanoTime();
            long timer = vertx.setTimer(timeoutMillis, id -> giveUp(timeoutMillis));
            result.future().onComplete(done -> vertx.cancelTimer(timer));
        }

        void encrypted(SSLSession tls) {
            handshaking = false;
            try {
                certificateExpiry = Arrays.stream(tls.getPeerCertificates())
                        .map(certificate ->
                                ((X509Certificate) certificate).getNotAfter().toInstant())
                        .min(Comparator.naturalOrder())
                        .orElse(null);
            } catch (SSLPeerUnverifiedException e) {
                certificateExpiry = null;
            }
        }

        void giveUp() {
            giveUp(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt));
        }

        private void giveUp(long afterMillis) {
            if (result.tryFail(ConnectFailure.timeout(afterMillis))) {
                close();
            }
        }

        private Future<PgLink> open() {
            return switch (session.sslMode()) {
                case DISABLE -> session(false);
                case ALLOW ->
                    session(false)
                            .recover(failure ->
                                    ConnectFailure.notLetIn(failure) ? again(true) : Future.failedFuture(failure));
                case PREFER -> session(true).recover(this::inPlaintext);
                case REQUIRE, VERIFY_CA, VERIFY_FULL -> session(true);
            };
        }

        private Future<PgLink> again(boolean encrypted) {
            close();
            return result.future().isComplete() ? tooLate() : session(encrypted);
        }

        /**
         * What libpq does when the server has no TLS, the handshake fails, or {@code pg_hba.conf} refuses; unlike libpq
         * we don't try a wrong password again. A connection that ended otherwise is no reason to do without encryption.
         */
        private Future<PgLink> inPlaintext(Throwable failure) {
            if (!handshaking) {
                return ConnectFailure.notLetIn(failure) || ConnectFailure.NO_TLS == failure
                        ? again(false)
                        : Future.failedFuture(failure);
            }
            return again(false)
                    .recover(second -> Future.failedFuture(
                            ConnectFailure.both(ConnectFailure.of(failure), ConnectFailure.of(second))));
        }

        private <T> Future<T> tooLate() {
            return Future.failedFuture(ConnectFailure.timeout(timeoutMillis));
        }

        private Future<PgLink> session(boolean encrypted) {
            return session.password(vertx).compose(password -> socket(encrypted).compose(pg -> logIn(pg, password)));
        }

        private Future<PgLink> logIn(Session pg, String password) {
            PgConnectOptions options = session.options();
            pg.init();
            return pg.<Connection>schedule(
                            home,
                            new InitCommand(
                                    pg, options.getUser(), password, options.getDatabase(), options.getProperties()))
                    .map(ready -> link(pg));
        }

        private PgLink link(Session pg) {
            PgConnectionImpl connection = new PgConnectionImpl(factory, home, pg);
            pg.init(connection);
            PgLink link = new PgLink(
                    Wire.this,
                    home,
                    connection,
                    pg::isValid,
                    pg.socket().channelHandlerContext().channel());
            pg.link = link;
            return link;
        }

        Future<Session> socket(boolean encrypted) {
            PgConnectOptions options = session.options();
            SocketAddress server = SocketAddress.inetSocketAddress(options.getPort(), options.getHost());
            Future<NetClient> client = encrypted ? encrypting() : Future.succeededFuture(plain);
            return home.<NetClient>succeededFuture(null)
                    .compose(v -> client)
                    .compose(net -> onHome(() -> net.connect(server)))
                    .compose(connected -> {
                        socket = (NetSocketInternal) connected;
                        if (result.future().isComplete()) {
                            close();
                            return tooLate();
                        }
                        return encrypted ? encrypt() : Future.succeededFuture();
                    })
                    .map(v -> new Session(Objects.requireNonNull(socket), options, home));
        }

        private <T> Future<T> onHome(Supplier<Future<T>> step) {
            Promise<T> promise = home.promise();
            home.runOnContext(v -> step.get().onComplete(promise));
            return promise.future();
        }

        private Future<Void> encrypt() {
            Promise<Void> promise = home.promise();
            NetSocketInternal connected = Objects.requireNonNull(socket);
            ChannelPipeline pipeline = connected.channelHandlerContext().pipeline();
            pipeline.addBefore("handler", "holdfast-ssl-request", new SslRequest(this, connected, promise));
            return promise.future();
        }

        /** Past all handlers: the driver's encoder would keep a busy connection open. */
        void close() {
            if (socket != null) {
                hardClose(socket.channelHandlerContext().channel());
            }
        }
    }

    static void onClosed(Channel channel, Runnable closed) {
        channel.closeFuture().addListener(done -> closed.run());
    }

    static void hardClose(Channel channel) {
        channel.eventLoop().execute(() -> {
            ChannelHandlerContext first = channel.pipeline().firstContext();
            if (first == null) {
                channel.close();
            } else {
                first.close();
            }
        });
    }

    /** Asks the server whether it speaks TLS, and begins the TLS handshake if it does. */
    private static final class SslRequest extends ChannelInboundHandlerAdapter {

        private final Attempt attempt;
        private final NetSocketInternal socket;
        private final Promise<Void> done;

        SslRequest(Attempt attempt, NetSocketInternal socket, Promise<Void> done) {
            this.attempt = attempt;
            this.socket = socket;
            this.done = done;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext ctx) {
            ByteBuf request = Unpooled.buffer(8).writeInt(8).writeInt(SSL_REQUEST);
            ctx.writeAndFlush(request, ctx.voidPromise());
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf answer = (ByteBuf) message;
            int length = answer.readableBytes();
            byte first = answer.readByte();
            answer.release();
            if (first == 'N') {
                done.tryFail(ConnectFailure.NO_TLS);
            } else if (first != 'S') {
                done.tryFail(ConnectFailure.tls("the server answered neither yes nor no"));
            } else if (length != 1) {
                // Bytes that came before the handshake were not encrypted: somebody in between may have put them there.
                done.tryFail(ConnectFailure.tls("plaintext after the server's yes, perhaps an attack"));
            } else {
                attempt.handshaking = true;
                socket.upgradeToSsl().onComplete(upgraded -> {
                    if (upgraded.succeeded()) {
                        attempt.encrypted(socket.sslSession());
                        ctx.pipeline().remove(this);
                        done.tryComplete();
                    } else {
                        fail(upgraded.cause());
                    }
                });
            }
        }

        private void fail(Throwable cause) {
            done.tryFail(cause instanceof ClosedChannelException ? closed() : cause);
        }

        private ConnectFailure closed() {
            return ConnectFailure.tls("the server closed the connection "
                    + (attempt.handshaking ? "during the handshake" : "instead of answering"));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            fail(cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) throws Exception {
            done.tryFail(closed());
            super.channelInactive(ctx);
        }
    }
}
