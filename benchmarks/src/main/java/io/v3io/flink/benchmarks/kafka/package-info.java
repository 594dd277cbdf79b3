/** The Kafka connector of Flink beside ours, on the same records. */
package io.v3io.flink.benchmarks.kafka;
