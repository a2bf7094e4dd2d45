package dev.holdfast.llmconfig.probe;

import dev.holdfast.testkit.Certificates;
import io.netty.channel.ChannelOption;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.impl.NetSocketInternal;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;

/** Stands where a provider should be, on 127.0.0.1, and answers each request as it is told, byte by byte if need be. */
public final class FaultyProvider implements AutoCloseable {

    /** What a connection's request is answered with. */
    public interface Answer extends BiConsumer<Vertx, NetSocket> {}

    public static final String MODELS = "{\"object\":\"list\",\"data\":[{\"id\":\"model-1\"}]}";

    private final Vertx vertx;
    private final NetServer server;
    private final Set<NetSocket> open = ConcurrentHashMap.newKeySet();
    private final List<Answer> answers = new CopyOnWriteArrayList<>();
    /** The heads of requests, as they came. */
    public final List<String> requests = new CopyOnWriteArrayList<>();

    final List<String> serverNames = new CopyOnWriteArrayList<>();

    /** @param certificate null for plain HTTP */
    public FaultyProvider(Vertx vertx, Certificates.Issued certificate) {
        this.vertx = vertx;
        NetServerOptions options = new NetServerOptions();
        if (certificate != null) {
            options.setSsl(true)
                    .setSni(true)
                    .setKeyCertOptions(new PemKeyCertOptions()
                            .setCertPath(certificate.certificate().toString())
                            .setKeyPath(certificate.key().toString()));
        }
        server = vertx.createNetServer(options)
                .connectHandler(this::accept)
                .exceptionHandler(refusedInTheHandshake -> {})
                .listen(0, "127.0.0.1")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    public int port() {
        return server.actualPort();
    }

    /** Connections that the other side has not closed. */
    public int open() {
        return open.size();
    }

    /** One for each request to come; the last one for all further ones. */
    public FaultyProvider answers(Answer... inTurn) {
        answers.addAll(List.of(inTurn));
        return this;
    }

    public static Answer http(int status, String body) {
        return http(status, Map.of(), body);
    }

    public static Answer http(int status, Map<String, String> headers, String body) {
        StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\nContent-Length: ")
                .append(Buffer.buffer(body).length())
                .append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return raw(head + "\r\n" + body);
    }

    public static Answer raw(String text) {
        return (vertx, socket) -> socket.write(text);
    }

    public static Answer rawAndClose(String text) {
        return (vertx, socket) -> socket.end(Buffer.buffer(text));
    }

    public static Answer silence() {
        return (vertx, socket) -> {};
    }

    public static Answer hangUp() {
        return (vertx, socket) -> socket.close();
    }

    public static Answer reset() {
        return (vertx, socket) -> {
            ((NetSocketInternal) socket)
                    .channelHandlerContext()
                    .channel()
                    .config()
                    .setOption(ChannelOption.SO_LINGER, 0);
            socket.close();
        };
    }

    /** Begins well, and then goes on with one piece again and again, as fast as it is read or slower. */
    public static Answer endless(String beginning, String piece, long everyMillis) {
        return (vertx, socket) -> {
            socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(beginning));
            long timer = vertx.setPeriodic(everyMillis, tick -> {
                if (!socket.writeQueueFull()) {
                    socket.write(chunk(piece));
                }
            });
            socket.closeHandler(closed -> vertx.cancelTimer(timer));
        };
    }

    private static String chunk(String text) {
        return Integer.toHexString(Buffer.buffer(text).length()) + "\r\n" + text + "\r\n";
    }

    private void accept(NetSocket socket) {
        open.add(socket);
        Buffer head = Buffer.buffer();
        socket.exceptionHandler(reset -> {});
        socket.endHandler(end -> {
            open.remove(socket);
            socket.close();
        });
        socket.handler(bytes -> {
            head.appendBuffer(bytes);
            if (head.toString().endsWith("\r\n\r\n")) {
                serverNames.add(String.valueOf(socket.indicatedServerName()));
                requests.add(head.toString());
                answers.get(Math.min(requests.size(), answers.size()) - 1).accept(vertx, socket);
            }
        });
    }

    @Override
    public void close() {
        server.close().toCompletionStage().toCompletableFuture().join();
    }
}
