/** What mirrors remember beside their checkpoints: a compacted topic. */
package io.v3io.flink.kafka.state;
