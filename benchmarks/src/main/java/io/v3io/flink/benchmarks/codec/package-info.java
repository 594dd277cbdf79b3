/** Bytes to records and records to bytes, ours beside Jackson's streaming API, on one thread. */
package io.v3io.flink.benchmarks.codec;
