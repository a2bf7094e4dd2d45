package dev.holdfast.db;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
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
import io.vertx.pgclient.PgException;
import io.vertx.pgclient.impl.PgConnectionFactory;
import io.vertx.pgclient.impl.PgSocketConnection;
import io.vertx.sqlclient.impl.Connection;
import io.vertx.sqlclient.impl.command.InitCommand;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Opens connections to PostgreSQL with libpq's meaning of {@code sslmode}. The driver's own opening is not used because
 * its timeout ends with the TCP connect, and because a socket that falls silent in a handshake can't be closed from
 * outside it.
 */
final class Wire {

    private static final int SSL_REQUEST = 80877103;
    private static final int CANCEL_REQUEST = 80877102;

    private final VertxInternal vertx;
    private final SessionOptions session;
    private final long timeoutMillis;
    private final PgConnectionFactory factory;
    private final NetClient plain;
    private @Nullable Encryption encryption;

    /** The client that was made from a state of the certificate files, to be used until they change. */
    private record Encryption(TlsMaterial material, NetClient client) {}

    Wire(Vertx vertx, SessionOptions session, Duration timeout) {
        this.vertx = (VertxInternal) vertx;
        this.session = session;
        this.timeoutMillis = timeout.toMillis();
        this.factory = new PgConnectionFactory(this.vertx, () -> Future.succeededFuture(session.options()));
        this.plain = vertx.createNetClient(netOptions());
    }

    /**
     * Makes one attempt, its TCP, TLS and authentication under one timer.
     *
     * @param home the event loop that the connection will live on
     * @return the link, or a {@link ConnectFailure}; on the event loop {@code home}
     */
    Future<PgLink> open(ContextInternal home) {
        Promise<PgLink> result = home.promise();
        home.runOnContext(v -> new Attempt(home, result).start());
        return result.future();
    }

    /**
     * Asks PostgreSQL to cancel what a backend is doing; nobody waits for it, and it may come too late.
     *
     * @param encrypted as the connection to that backend is
     */
    void cancel(ContextInternal home, boolean encrypted, int processId, int secretKey) {
        home.runOnContext(v -> {
            Promise<PgLink> result = home.promise();
            Attempt attempt = new Attempt(home, result);
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
                            onClosed(Objects.requireNonNull(attempt.socket), result::tryComplete);
                        }
                    });
        });
    }

    private NetClientOptions netOptions() {
        return new NetClientOptions()
                .setConnectTimeout((int) Math.min(timeoutMillis, Integer.MAX_VALUE))
                .setTcpNoDelay(true)
                .setTcpKeepAlive(true)
                .setHostnameVerificationAlgorithm("");
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

    private final class Attempt {

        private final ContextInternal home;
        private final Promise<PgLink> result;
        private @Nullable NetSocketInternal socket;

        Attempt(ContextInternal home, Promise<PgLink> result) {
            this.home = home;
            this.result = result;
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
            long timer = vertx.setTimer(timeoutMillis, id -> {
                if (result.tryFail(ConnectFailure.timeout(timeoutMillis))) {
                    close();
                }
            });
            result.future().onComplete(done -> vertx.cancelTimer(timer));
        }

        private Future<PgLink> open() {
            return switch (session.sslMode()) {
                case DISABLE -> session(false);
                case ALLOW ->
                    session(false).recover(failure -> refusedFor(failure) ? again(true) : Future.failedFuture(failure));
                case PREFER ->
                    session(true)
                            .recover(failure -> refusedFor(failure) || socketWasOpen(failure)
                                    ? again(false)
                                    : Future.failedFuture(failure));
                case REQUIRE, VERIFY_CA, VERIFY_FULL -> session(true);
            };
        }

        private Future<PgLink> again(boolean encrypted) {
            close();
            return result.future().isComplete() ? tooLate() : session(encrypted);
        }

        /** libpq tries the other way when the server turned this one down (pg_hba.conf), but not on a wrong password. */
        private boolean refusedFor(Throwable failure) {
            return failure instanceof PgException refusal && "28000".equals(refusal.getSqlState());
        }

        private <T> Future<T> tooLate() {
            return Future.failedFuture(ConnectFailure.timeout(timeoutMillis));
        }

        /** A TLS handshake that failed, as opposed to a server that can't be reached at all. */
        private boolean socketWasOpen(Throwable failure) {
            return socket != null && !(failure instanceof PgException);
        }

        private Future<PgLink> session(boolean encrypted) {
            PgConnectOptions options = session.options();
            return socket(encrypted).compose(pg -> {
                pg.init();
                return pg.<Connection>schedule(
                                home,
                                new InitCommand(
                                        pg,
                                        options.getUser(),
                                        options.getPassword(),
                                        options.getDatabase(),
                                        options.getProperties()))
                        .map(ready -> new PgLink(Wire.this, factory, home, pg));
            });
        }

        Future<PgSocketConnection> socket(boolean encrypted) {
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
                    .map(v -> new PgSocketConnection(
                            socket,
                            null,
                            options,
                            options.getCachePreparedStatements(),
                            options.getPreparedStatementCacheMaxSize(),
                            options.getPreparedStatementCacheSqlFilter(),
                            options.getPipeliningLimit(),
                            false,
                            home));
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
            pipeline.addBefore("handler", "holdfast-ssl-request", new SslRequest(connected, promise));
            return promise.future();
        }

        /** Past all handlers: the driver's encoder would keep a busy connection open. */
        void close() {
            if (socket != null) {
                hardClose(socket);
            }
        }
    }

    static void onClosed(NetSocketInternal socket, Runnable closed) {
        socket.channelHandlerContext().channel().closeFuture().addListener(done -> closed.run());
    }

    static void hardClose(NetSocketInternal socket) {
        var channel = socket.channelHandlerContext().channel();
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

        private final NetSocketInternal socket;
        private final Promise<Void> done;

        SslRequest(NetSocketInternal socket, Promise<Void> done) {
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
            if (length != 1) {
                // Bytes that came before the handshake were not encrypted: somebody in between may have put them there.
                done.tryFail(ConnectFailure.tls("plaintext after the answer to the TLS request"));
            } else if (first != 'S') {
                done.tryFail(ConnectFailure.tlsRefused());
            } else {
                socket.upgradeToSsl().onComplete(upgraded -> {
                    if (upgraded.succeeded()) {
                        ctx.pipeline().remove(this);
                        done.tryComplete();
                    } else {
                        done.tryFail(upgraded.cause());
                    }
                });
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            done.tryFail(cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause);
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) throws Exception {
            done.tryFail(ConnectFailure.tls("the server closed the connection during the handshake"));
            super.channelInactive(ctx);
        }
    }
}
