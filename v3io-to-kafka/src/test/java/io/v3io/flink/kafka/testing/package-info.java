/** A Kafka broker in a process of its own, for tests and for trying things out. */
package io.v3io.flink.kafka.testing;
