package dev.holdfast.inbox;

import dev.holdfast.db.Monitor;
import io.quarkus.runtime.StartupEvent;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** What this replica's workers have done, and what the queue holds, as the monitor last saw it: the same on all replicas. */
@Singleton
public class InboxFigures {

    /** Counting goes no further: a queue that long needs no more exact figure. */
    private static final int MOST = 100_000;

    static final String DEPTH = """
            SELECT
                (SELECT coalesce(sum(s.waiting), 0)::bigint FROM (SELECT waiting FROM inbox_senders LIMIT %1$d) s) AS waiting,
                (SELECT count(*) FROM (SELECT FROM inbox_senders WHERE attempts > 0 LIMIT %1$d) s) AS retrying,
                (SELECT count(*) FROM (SELECT FROM inbox_messages WHERE state = 'dead' LIMIT %1$d) m) AS dead,
                (SELECT greatest(0, extract(epoch FROM clock_timestamp() - received_at))::float8
                 FROM inbox_messages WHERE state = 'waiting' ORDER BY id LIMIT 1) AS oldest
            """.formatted(MOST);

    private final LongAdder delivered = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder dead = new LongAdder();
    private volatile @Nullable Depth depth;

    /**
     * What the queue holds.
     *
     * @param waiting messages that are to be delivered; of 100,000 senders at most
     * @param retryingSenders senders whose first message has failed and is tried again; counted up to 100,000
     * @param dead messages that were set aside; counted up to 100,000
     * @param oldestSeconds how long ago the message that has waited longest was accepted; 0 if none waits
     */
    public record Depth(long waiting, long retryingSenders, long dead, double oldestSeconds) {}

    void start(@Observes StartupEvent event, Monitor monitor) {
        monitor.watch("inbox.depth", DEPTH, this::read);
    }

    private void read(RowSet<Row> rows) {
        Row row = rows.iterator().next();
        Double oldest = row.getDouble("oldest");
        depth = new Depth(
                row.getLong("waiting"), row.getLong("retrying"), row.getLong("dead"), oldest == null ? 0 : oldest);
    }

    void delivered(int messages) {
        delivered.add(messages);
    }

    /** @param setAside whether it was for the last time */
    void failed(boolean setAside) {
        failed.increment();
        if (setAside) {
            dead.increment();
        }
    }

    /** Empty until PostgreSQL has been asked. */
    public Optional<Depth> depth() {
        return Optional.ofNullable(depth);
    }

    /** Messages that this replica has delivered since its start. */
    public long deliveredTotal() {
        return delivered.sum();
    }

    /** Failed attempts of this replica. */
    public long failedTotal() {
        return failed.sum();
    }

    /** Messages that this replica has set aside. */
    public long deadTotal() {
        return dead.sum();
    }
}
