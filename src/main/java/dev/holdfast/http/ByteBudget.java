package dev.holdfast.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of bodies and answers this replica holds at the same time: those that are read, wait for the database, or
 * wait for a slow client. A project has a part of it, so that one can't keep the others out. Thread-safe.
 */
final class ByteBudget {

    /** What became of a request for bytes. */
    enum Answer {
        GRANTED,
        SHARE_FULL,
        FULL
    }

    private final long most;
    private final long mostOfOne;
    private final AtomicLong held = new AtomicLong();
    private final Map<String, Long> byShare = new ConcurrentHashMap<>();

    /**
     * @param most for all, in bytes
     * @param mostOfOne for one share, in bytes
     */
    ByteBudget(long most, long mostOfOne) {
        this.most = most;
        this.mostOfOne = mostOfOne;
    }

    /** Takes {@code bytes}, all or none. */
    Answer take(String share, long bytes) {
        Answer[] answer = {Answer.GRANTED};
        byShare.compute(share, (name, before) -> {
            long has = before == null ? 0 : before;
            if (has + bytes > mostOfOne) {
                answer[0] = Answer.SHARE_FULL;
                return before;
            }
            if (held.addAndGet(bytes) > most) {
                held.addAndGet(-bytes);
                answer[0] = Answer.FULL;
                return before;
            }
            return has + bytes;
        });
        return answer[0];
    }

    /** Takes {@code bytes} that are there already, whatever the limits. */
    void add(String share, long bytes) {
        held.addAndGet(bytes);
        byShare.merge(share, bytes, Long::sum);
    }

    void giveBack(String share, long bytes) {
        held.addAndGet(-bytes);
        byShare.computeIfPresent(share, (name, has) -> has == bytes ? null : has - bytes);
    }

    /** Shares that hold any. */
    int shares() {
        return byShare.size();
    }

    /** Bytes that are held now. */
    long held() {
        return held.get();
    }
}
