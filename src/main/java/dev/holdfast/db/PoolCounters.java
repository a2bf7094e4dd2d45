package dev.holdfast.db;

import java.util.concurrent.atomic.LongAdder;

/** What has happened since the start. Every request for a connection ends in exactly one of the first six after asked. */
final class PoolCounters {

    final LongAdder asked = new LongAdder();
    final LongAdder acquired = new LongAdder();
    final LongAdder timedOut = new LongAdder();
    final LongAdder rejected = new LongAdder();
    final LongAdder cancelled = new LongAdder();
    final LongAdder connectFailed = new LongAdder();
    final LongAdder refused = new LongAdder();

    final LongAdder opened = new LongAdder();
    final LongAdder closed = new LongAdder();
    final LongAdder dropped = new LongAdder();
    final LongAdder sslReconnects = new LongAdder();
    final LongAdder connectFailures = new LongAdder();
}
