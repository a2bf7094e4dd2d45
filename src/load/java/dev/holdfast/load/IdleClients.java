package dev.holdfast.load;

import com.sun.management.UnixOperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** Ten thousand clients that have asked for something once, keep their connections, and ask again at the very end. */
final class IdleClients implements AutoCloseable {

    static final int COUNT = 10_000;

    /** For the active users and for what else a JVM opens. */
    private static final int OTHER_FILES = 1_500;

    private static final String PATH = "/v1/models";

    private final List<KeptConnection> connections = new ArrayList<>(COUNT);

    IdleClients(Subject subject, Access access) throws IOException {
        for (int i = 0; i < COUNT; i++) {
            KeptConnection connection = new KeptConnection(subject.url(), access.apiKey());
            connections.add(connection);
            connection.get(PATH);
        }
    }

    /** @throws IllegalArgumentException saying what to do if this process, or one that it starts, may not open as many */
    static void requireOpenFiles() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                && system.getMaxFileDescriptorCount() < COUNT + OTHER_FILES) {
            throw new IllegalArgumentException("-Dscenario=idle opens " + COUNT
                    + " connections beside the active ones: it"
                    + " needs " + (COUNT + OTHER_FILES) + " open files, and this process may have "
                    + system.getMaxFileDescriptorCount() + ". Try again after: ulimit -n " + (COUNT + OTHER_FILES));
        }
    }

    /** Has each of them ask once more, on the connection that it has; how many got no proper answer. */
    int failures() {
        int failures = 0;
        for (KeptConnection connection : connections) {
            try {
                connection.get(PATH);
            } catch (IOException e) {
                failures++;
                if (failures == 1) {
                    System.out.println("an idle client was not answered: " + e);
                }
            }
        }
        return failures;
    }

    @Override
    public void close() throws IOException {
        for (KeptConnection connection : connections) {
            connection.close();
        }
    }
}
