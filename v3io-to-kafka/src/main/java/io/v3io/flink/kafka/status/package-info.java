/** How far mirrors are. */
package io.v3io.flink.kafka.status;
