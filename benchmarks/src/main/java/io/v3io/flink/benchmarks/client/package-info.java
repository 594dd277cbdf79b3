/** The figures of the client alone, without Flink. */
package io.v3io.flink.benchmarks.client;
