package dev.holdfast;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.LogCapture;
import io.quarkus.test.junit.QuarkusTest;
import java.util.logging.Level;
import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.Test;

@QuarkusTest
class LogFormatTest {

    @Test
    void linesAreTextWithTheRequestIdUnlessJsonIsAskedFor() {
        ExtLogRecord record = new ExtLogRecord(Level.INFO, "Done", LogFormatTest.class.getName());
        record.putMdc("requestId", "request-1");

        assertThat(LogCapture.consoleFormatter().format(record))
                .contains("INFO")
                .endsWith("request-1 Done\n");
    }
}
