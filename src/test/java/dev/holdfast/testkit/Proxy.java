package dev.holdfast.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A TCP server in front of another one, that can behave as networks do on bad days. Its port stays the same. */
public final class Proxy implements AutoCloseable {

    private enum Mode {
        FORWARD,
        SILENT,
        REFUSE
    }

    private final InetSocketAddress target;
    private final int port;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();
    private volatile Mode mode = Mode.FORWARD;
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

    /** As if it were not there. Connections that have missed something are reset: they could only confuse their ends. */
    public synchronized void forward() {
        mode = Mode.FORWARD;
        links.stream().filter(link -> link.missedSomething).forEach(Link::reset);
        if (server.isClosed()) {
            listen(port);
        }
    }

    /** New connections are refused; those that there are go on. */
    public synchronized void refuse() {
        mode = Mode.REFUSE;
        stopListening();
    }

    /** New connections are accepted, and whatever is sent on any, either way, is swallowed. */
    public synchronized void silence() {
        mode = Mode.SILENT;
        if (server.isClosed()) {
            listen(port);
        }
    }

    /** Ends all connections with a TCP reset; new ones fare as before. */
    public void reset() {
        links.forEach(Link::reset);
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
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), on));
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
        private volatile boolean missedSomething;

        Link(Socket client) {
            this.client = client;
        }

        void start() {
            links.add(this);
            Proxy.start("up", () -> pump(client, upstream));
        }

        private void pump(Socket from, Socket to) {
            try {
                // The target is asked by the pump, so that a slow one does not keep others from being accepted.
                if (from == client && mode == Mode.FORWARD) {
                    upstream.connect(target);
                    Proxy.start("down", () -> pump(upstream, client));
                } else if (from == client) {
                    missedSomething = true;
                }
                InputStream in = from.getInputStream();
                byte[] buffer = new byte[16 * 1024];
                int length;
                while ((length = in.read(buffer)) >= 0) {
                    if (mode == Mode.SILENT || missedSomething) {
                        missedSomething = true;
                        continue;
                    }
                    OutputStream out = to.getOutputStream();
                    out.write(buffer, 0, length);
                    out.flush();
                }
                end(false);
            } catch (IOException e) {
                // One end has gone the hard way: so does the other.
                reset();
            }
        }

        void reset() {
            end(true);
        }

        private void end(boolean hard) {
            links.remove(this);
            for (Socket socket : new Socket[] {client, upstream}) {
                try {
                    if (hard && !socket.isClosed()) {
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
