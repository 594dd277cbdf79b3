/** The figures of the source. */
package io.v3io.flink.benchmarks.source;
