package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProxyTest {

    private ServerSocket echo;
    private Proxy proxy;
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();

    @BeforeEach
    void start() throws IOException {
        echo = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        Thread server = new Thread(this::serve);
        server.setDaemon(true);
        server.start();
        proxy = new Proxy("localhost", echo.getLocalPort());
    }

    @AfterEach
    void stop() throws IOException {
        proxy.close();
        echo.close();
    }

    @Test
    void whatIsSentComesBack() throws IOException {
        try (Socket socket = connect()) {
            assertThat(answer(socket)).isEqualTo('a');
        }
    }

    @Test
    void refusingLetsThoseThatAreThereGoOn() throws IOException {
        try (Socket socket = connect()) {
            answer(socket);
            proxy.refuse();
            assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
            assertThat(answer(socket)).isEqualTo('a');
        }
    }

    @Test
    void silenceAcceptsAndSwallows() throws IOException {
        try (Socket before = connect()) {
            answer(before);
            proxy.silence();
            try (Socket after = connect()) {
                assertThatThrownBy(() -> answer(after)).isInstanceOf(SocketTimeoutException.class);
            }
            assertThatThrownBy(() -> answer(before)).isInstanceOf(SocketTimeoutException.class);

            proxy.forward();
            assertThatThrownBy(() -> before.getInputStream().read())
                    .as("what has missed something is of no use any more")
                    .isInstanceOf(SocketException.class);
        }
    }

    @Test
    void aResetIsNoOrderlyEnd() throws IOException {
        try (Socket socket = connect()) {
            answer(socket);
            proxy.reset();
            assertThatThrownBy(() -> socket.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void hangingUpIsAnOrderlyEnd() throws IOException {
        try (Socket socket = connect()) {
            answer(socket);
            proxy.hangUp();
            assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
    }

    @Test
    void silenceToTheServerLetsTheServerSpeak() throws IOException {
        silenceOneWay(Proxy.Way.TO_SERVER);
        assertThat(received.toString(StandardCharsets.US_ASCII)).isEmpty();
    }

    @Test
    void silenceToTheClientLetsTheServerHear() throws IOException {
        silenceOneWay(Proxy.Way.TO_CLIENT);
        await().until(() -> received.toString(StandardCharsets.US_ASCII).equals("a"));
    }

    private void silenceOneWay(Proxy.Way way) throws IOException {
        proxy.silence(way);
        try (Socket socket = connect()) {
            assertThatThrownBy(() -> answer(socket)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void whatIsDelayedComesLater() throws IOException {
        try (Socket socket = connect()) {
            answer(socket);
            proxy.delay(Duration.ofMillis(100));
            long startedAt = System.nanoTime();
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write('a');
            assertThat(socket.getInputStream().read()).isEqualTo('a');
            assertThat(Duration.ofNanos(System.nanoTime() - startedAt)).isGreaterThanOrEqualTo(Duration.ofMillis(200));
        }
    }

    @Test
    void aLimitedConnectionCarriesNoMoreThanItsLimit() throws IOException {
        proxy.limit(10_000);
        try (Socket socket = connect()) {
            socket.setSoTimeout(10_000);
            long startedAt = System.nanoTime();
            socket.getOutputStream().write(new byte[2_000]);
            assertThat(socket.getInputStream().readNBytes(2_000)).hasSize(2_000);
            // All but the last chunk of 200 have been waited for.
            assertThat(Duration.ofNanos(System.nanoTime() - startedAt)).isGreaterThanOrEqualTo(Duration.ofMillis(180));
        }
    }

    @ParameterizedTest
    @CsvSource({"TO_SERVER, 0", "TO_SERVER, 3", "TO_CLIENT, 0", "TO_CLIENT, 3"})
    void aCutIsMadeAtTheByteOnceAndOnOneConnection(Proxy.Way way, int at) throws IOException {
        Cut cut = Cut.after(at, way, Proxy.End.CLOSE);
        try (Socket other = connect();
                Socket socket = connect()) {
            proxy.cut(cut);
            for (int i = 0; i < at; i++) {
                assertThat(answer(other)).isEqualTo('a');
            }
            socket.getOutputStream().write("abcdef".getBytes(StandardCharsets.US_ASCII));
            assertThat(socket.getInputStream().readAllBytes()).hasSizeLessThanOrEqualTo(at);
            assertThat(cut.made()).isTrue();
            try (Socket after = connect()) {
                assertThat(answer(after)).isEqualTo('a');
            }
        }
    }

    @Test
    void aCutCountedInAllMeetsWhoeverCarriesTheByte() throws IOException {
        Cut cut = Cut.afterInAll(1, Proxy.Way.TO_SERVER, Proxy.End.RESET);
        try (Socket first = connect();
                Socket second = connect()) {
            proxy.cut(cut);
            assertThat(answer(first)).isEqualTo('a');
            assertThatThrownBy(() -> answer(second)).isInstanceOf(SocketException.class);
            assertThat(answer(first)).isEqualTo('a');
        }
    }

    @Test
    void aCutIntoSilenceLeavesTheConnectionOpen() throws IOException {
        proxy.cut(Cut.after(0, Proxy.Way.TO_CLIENT, Proxy.End.SILENCE));
        try (Socket socket = connect()) {
            assertThatThrownBy(() -> answer(socket)).isInstanceOf(SocketTimeoutException.class);
            proxy.cut(Cut.NEVER);
            assertThatThrownBy(() -> answer(socket)).isInstanceOf(SocketTimeoutException.class);
        }
    }

    @Test
    void eachConnectionCanHaveACutOfItsOwn() throws IOException {
        AtomicInteger made = new AtomicInteger();
        proxy.cutEach(() -> Cut.after(made.getAndIncrement(), Proxy.Way.TO_SERVER, Proxy.End.CLOSE));
        for (int i = 0; i < 3; i++) {
            try (Socket socket = connect()) {
                for (int passed = 0; passed < i; passed++) {
                    assertThat(answer(socket)).isEqualTo('a');
                }
                assertThat(answer(socket)).isEqualTo(-1);
            }
        }
        assertThat(proxy.accepted()).isEqualTo(3);
        await().until(() -> proxy.open() == 0);
    }

    @Test
    void thePortIsTheSameAfterARefusal() throws IOException {
        proxy.refuse();
        proxy.forward();
        try (Socket socket = connect()) {
            assertThat(answer(socket)).isEqualTo('a');
        }
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        socket.setSoTimeout(300);
        return socket;
    }

    private static int answer(Socket socket) throws IOException {
        socket.setSoTimeout(300);
        socket.getOutputStream().write('a');
        return socket.getInputStream().read();
    }

    private void serve() {
        while (!echo.isClosed()) {
            try {
                Socket socket = echo.accept();
                new Thread(() -> echo(socket)).start();
            } catch (IOException e) {
                // The end of the test.
            }
        }
    }

    private void echo(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            for (int next = in.read(); next >= 0; next = in.read()) {
                received.write(next);
                socket.getOutputStream().write(next);
            }
        } catch (IOException e) {
            // The proxy has reset the connection, as it was told to.
        }
    }
}
