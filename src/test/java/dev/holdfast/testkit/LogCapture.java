package dev.holdfast.testkit;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.jboss.logmanager.ExtHandler;
import org.jboss.logmanager.ExtLogRecord;
import org.jboss.logmanager.handlers.ConsoleHandler;

/** Everything that is logged from its creation to its close, with the log context of the moment. */
public final class LogCapture implements AutoCloseable {

    /**
     * One line of the log.
     *
     * @param failure the stack trace, causes included; empty where there is none
     */
    public record Line(Level level, String logger, String message, Map<String, String> mdc, String failure) {

        public String requestId() {
            return mdc.get("requestId");
        }
    }

    private final List<Line> lines = new CopyOnWriteArrayList<>();
    private final Logger logger;
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            ExtLogRecord record = ExtLogRecord.wrap(logged);
            lines.add(new Line(
                    record.getLevel(),
                    record.getLoggerName(),
                    record.getFormattedMessage(),
                    record.getMdcCopy(),
                    stackTrace(record.getThrown())));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private LogCapture(Logger logger) {
        this.logger = logger;
        handler.setLevel(Level.ALL);
        logger.addHandler(handler);
    }

    public static LogCapture ofEverything() {
        return new LogCapture(Logger.getLogger(""));
    }

    public static LogCapture of(Class<?> category) {
        return new LogCapture(Logger.getLogger(category.getName()));
    }

    /** What makes the lines that the service under test writes to its console. */
    public static Formatter consoleFormatter() {
        return handlers(Logger.getLogger("").getHandlers())
                .filter(ConsoleHandler.class::isInstance)
                .map(Handler::getFormatter)
                .findFirst()
                .orElseThrow();
    }

    private static Stream<Handler> handlers(Handler[] handlers) {
        return Arrays.stream(handlers)
                .flatMap(handler -> Stream.concat(
                        Stream.of(handler),
                        handler instanceof ExtHandler parent ? handlers(parent.getHandlers()) : Stream.empty()));
    }

    public List<Line> lines() {
        return List.copyOf(lines);
    }

    public List<String> messages() {
        return lines.stream().map(Line::message).toList();
    }

    @Override
    public void close() {
        logger.removeHandler(handler);
    }

    private static String stackTrace(Throwable thrown) {
        if (thrown == null) {
            return "";
        }
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
