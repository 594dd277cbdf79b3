/** The Flink job that copies the records of shards into partitions. */
package io.v3io.flink.kafka.mirror;
