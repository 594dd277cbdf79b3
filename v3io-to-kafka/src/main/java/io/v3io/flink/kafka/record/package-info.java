/** What a record of a shard looks like as a record of a partition. */
package io.v3io.flink.kafka.record;
