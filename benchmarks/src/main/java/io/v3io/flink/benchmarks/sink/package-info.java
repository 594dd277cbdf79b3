/** The figures of the sink. */
package io.v3io.flink.benchmarks.sink;
