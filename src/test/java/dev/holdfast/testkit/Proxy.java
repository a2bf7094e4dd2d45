package dev.holdfast.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A TCP server in front of another one, that can behave as networks do on bad days. Its port stays the same. */
public final class Proxy implements AutoCloseable {

    /** Which way bytes go. */
    public enum Way {
        TO_SERVER,
        TO_CLIENT
    }

    /** How a connection ends, for both of its ends. */
    public enum End {
        /** The hard way; what was on its way may be lost. */
        RESET,
        /** In order: what has passed arrives. */
        CLOSE,
        /** Not at all, but nothing passes any more. */
        SILENCE
    }

    private static final int CHUNK = 16 * 1024;

    private volatile InetSocketAddress target;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile Set<Way> silent = EnumSet.noneOf(Way.class);
    private volatile Supplier<Cut> fate = () -> Cut.NEVER;
    private volatile Cut cut = Cut.NEVER;
    private volatile long delayNanos;
    private volatile int bytesPerSecond;
    private ServerSocket server;
    private Thread acceptor;

    public Proxy(String host, int port) {
        this.target = new InetSocketAddress(host, port);
        listen(0);
        this.port = server.getLocalPort();
    }

    public int port() {
        return port;
    }

    /** New connections lead there. */
    public void leadTo(String host, int port) {
        target = new InetSocketAddress(host, port);
    }

    /** Connections that clients have made, since the start. */
    public int accepted() {
        return accepted.get();
    }

    /** Connections that there are. */
    public int open() {
        return links.size();
    }

    /** As if it were not there. Connections that have missed something are reset: they could only confuse their ends. */
    public synchronized void forward() {
        silent = EnumSet.noneOf(Way.class);
        fate = () -> Cut.NEVER;
        cut = Cut.NEVER;
        links.forEach(link -> link.own = Cut.NEVER);
        delayNanos = 0;
        bytesPerSecond = 0;
        links.stream().filter(link -> link.missedSomething).forEach(Link::reset);
        if (server.isClosed()) {
            listen(port);
        }
    }

    /** New connections are refused; those that there are go on. */
    public synchronized void refuse() {
        stopListening();
    }

    /** New connections are accepted, and whatever is sent on any, either way, is swallowed. */
    public void silence() {
        silence(Way.TO_SERVER, Way.TO_CLIENT);
    }

    /** New connections are accepted, and whatever is sent these ways on any is swallowed. */
    public synchronized void silence(Way first, Way... more) {
        silent = EnumSet.of(first, more);
        if (server.isClosed()) {
            listen(port);
        }
    }

    /** Whatever comes, either way, is passed on so much later, and nothing else that way before it. */
    public void delay(Duration delay) {
        delayNanos = delay.toNanos();
    }

    /** No connection carries more than that, each way. */
    public void limit(int bytesPerSecond) {
        this.bytesPerSecond = bytesPerSecond;
    }

    /** Cuts whichever connection first comes to the byte in question. */
    public void cut(Cut cut) {
        this.cut = cut;
    }

    /** Cuts each connection that is made from now on, at a byte of its own. */
    public void cutEach(Supplier<Cut> fate) {
        this.fate = fate;
    }

    /** Ends all connections with a TCP reset; new ones fare as before. */
    public void reset() {
        links.forEach(Link::reset);
    }

    /** Ends all connections in TCP's order; new ones fare as before. */
    public void hangUp() {
        links.forEach(link -> link.end(End.CLOSE));
    }

    @Override
    public synchronized void close() {
        stopListening();
        reset();
    }

    private void listen(int on) {
        try {
            server = new ServerSocket();
            server.setReuseAddress(true);
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), on), 1_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ServerSocket listening = server;
        acceptor = start("accept", () -> accept(listening));
    }

    private void stopListening() {
        try {
            server.close();
            // The kernel goes on taking connections for as long as the thread has not left its accept.
            acceptor.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void accept(ServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                if (listening.isClosed()) {
                    client.close();
                } else {
                    accepted.incrementAndGet();
                    new Link(client).start();
                }
            } catch (IOException e) {
                // Either the end of listening, which ends the loop, or of one client, which others do not care about.
            }
        }
    }

    private static Thread start(String what, Runnable work) {
        Thread thread = new Thread(work, "proxy-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private final class Link {

        private final Socket client;
        private final Socket upstream = new Socket();
        private volatile Cut own = fate.get();
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile boolean missedSomething;

        Link(Socket client) {
            this.client = client;
        }

        void start() {
            links.add(this);
            Proxy.start("up", this::open);
        }

        /** The target is asked by the pump, so that a slow one does not keep others from being accepted. */
        private void open() {
            try {
                client.setTcpNoDelay(true);
                if (silent.size() == Way.values().length) {
                    missedSomething = true;
                } else {
                    upstream.connect(target);
                    upstream.setTcpNoDelay(true);
                    Proxy.start("down", () -> pump(Way.TO_CLIENT, upstream, client));
                }
                pump(Way.TO_SERVER, client, upstream);
            } catch (IOException e) {
                reset();
            }
        }

        private void pump(Way way, Socket from, Socket to) {
            byte[] buffer = new byte[CHUNK];
            try {
                InputStream in = from.getInputStream();
                int length;
                while ((length = in.read(buffer, 0, chunk())) >= 0) {
                    pass(way, buffer, length, to);
                }
                end(End.CLOSE);
            } catch (IOException e) {
                // One end has gone the hard way: so does the other.
                reset();
            }
        }

        private void pass(Way way, byte[] buffer, int length, Socket to) throws IOException {
            hold(delayNanos);
            if (missedSomething || silent.contains(way)) {
                missedSomething = true;
                return;
            }
            for (Cut each : new Cut[] {own, cut}) {
                int before = each.before(this, way, length);
                if (before >= 0) {
                    write(buffer, before, to);
                    end(each.make());
                    return;
                }
            }
            write(buffer, length, to);
            int limit = bytesPerSecond;
            hold(limit == 0 ? 0 : length * TimeUnit.SECONDS.toNanos(1) / limit);
        }

        /** Small enough for a limited connection to carry something every few milliseconds. */
        private int chunk() {
            int limit = bytesPerSecond;
            return limit == 0 ? CHUNK : Math.max(1, Math.min(CHUNK, limit / 50));
        }

        private void write(byte[] buffer, int length, Socket to) throws IOException {
            OutputStream out = to.getOutputStream();
            out.write(buffer, 0, length);
            out.flush();
        }

        private void hold(long nanos) throws IOException {
            try {
                if (nanos > 0 && over.await(nanos, TimeUnit.NANOSECONDS)) {
                    throw new IOException("ended meanwhile");
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        void reset() {
            end(End.RESET);
        }

        private void end(End how) {
            if (how == End.SILENCE) {
                missedSomething = true;
                return;
            }
            links.remove(this);
            over.countDown();
            for (Socket socket : new Socket[] {client, upstream}) {
                try {
                    if (how == End.RESET && !socket.isClosed()) {
                        socket.setSoLinger(true, 0);
                    }
                    socket.close();
                } catch (IOException e) {
                    // It was closed at the same moment from the other side, which is all that is wanted.
                }
            }
        }
    }
}
