package dev.holdfast.load;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One client's connection, kept alive between requests, as plain as a socket is: ten thousand of these cost no more than
 * ten thousand sockets, and one of them adds little to the time that a request takes.
 */
final class KeptConnection implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;
    private static final int BUFFER = 1024;
    private static final String LENGTH = "content-length:";

    private final Socket socket = new Socket();
    private final String headers;

    /** @throws IllegalArgumentException if the service is not reached by plain http */
    KeptConnection(String url, String key) throws IOException {
        URI uri = URI.create(url);
        if (!"http".equals(uri.getScheme())) {
            throw new IllegalArgumentException("this scenario speaks plain http alone, and not to " + url);
        }
        int port = uri.getPort() < 0 ? 80 : uri.getPort();
        headers = " HTTP/1.1\r\nHost: " + uri.getHost() + ":" + port + "\r\nAuthorization: Bearer " + key + "\r\n\r\n";
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        socket.connect(new InetSocketAddress(uri.getHost(), port), PATIENCE_MILLIS);
    }

    /** The body of a 200 that has a length. */
    String get(String path) throws IOException {
        socket.getOutputStream().write(("GET " + path + headers).getBytes(StandardCharsets.US_ASCII));
        InputStream in = new BufferedInputStream(socket.getInputStream(), BUFFER);
        String status = line(in);
        int length = -1;
        String line;
        while (!(line = line(in)).isEmpty()) {
            if (line.toLowerCase(Locale.ROOT).startsWith(LENGTH)) {
                length = Integer.parseInt(line.substring(LENGTH.length()).strip());
            }
        }
        if (length < 0) {
            throw new IOException(path + " is " + status + ", without a length");
        }
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException(path + " is " + status + ": " + body);
        }
        return body;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        int c;
        while ((c = in.read()) != '\n') {
            if (c < 0) {
                throw new EOFException("the connection was closed");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
