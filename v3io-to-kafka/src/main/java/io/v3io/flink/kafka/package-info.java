/** {@code v3io-to-kafka}: the command line that moves V3IO streams to Kafka topics. */
package io.v3io.flink.kafka;
