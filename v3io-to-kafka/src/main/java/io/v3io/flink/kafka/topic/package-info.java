/** The Kafka side: what topics are like, and what is in them. */
package io.v3io.flink.kafka.topic;
