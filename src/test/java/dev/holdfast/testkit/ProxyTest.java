package dev.holdfast.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ProxyTest {

    private ServerSocket echo;
    private Proxy proxy;

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

    private static void echo(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            in.transferTo(socket.getOutputStream());
        } catch (IOException e) {
            // The proxy has reset the connection, as it was told to.
        }
    }
}
