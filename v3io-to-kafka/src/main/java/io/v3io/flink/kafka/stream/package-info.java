/** The V3IO side: what streams are like, and what is in them. */
package io.v3io.flink.kafka.stream;
