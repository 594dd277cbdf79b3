/** Positions of consumer groups of V3IO as positions of consumer groups of Kafka. */
package io.v3io.flink.kafka.translate;
