package dev.holdfast.db;

/** Percentiles over the last one to two minutes, in milliseconds. */
public record LatencyFigures(long count, double p50, double p95, double p99, double max) {}
