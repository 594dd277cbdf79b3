/** What a mirror would do, and why it must not be done: both are known before the first byte. */
package io.v3io.flink.kafka.plan;
