package dev.holdfast.db;

import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.ClosedConnectionException;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it costs to say of a failed statement what it means; in an outage every request pays it. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@State(Scope.Thread)
public class FailuresBenchmark {

    /** A SQLSTATE that PostgreSQL gave, or that the connection was closed. */
    @Param({"40001", "23505", "XX000", "closed"})
    public String kind;

    private Throwable failure;

    @Setup
    public void make() {
        failure = kind.equals("closed")
                ? ClosedConnectionException.INSTANCE
                : new PgException("refused", "ERROR", kind, null);
    }

    @Benchmark
    public Failures.Verdict classify() {
        return Failures.classify(failure);
    }

    /** With the exception that the request then fails with. */
    @Benchmark
    public DbException classifyAndReport() {
        DbException.Kind found = Failures.classify(failure).kind();
        return Failures.ofStatement(found, "The statement failed.", true, false, failure);
    }
}
