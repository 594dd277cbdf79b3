/** Compares streams with their copies, record by record. */
package io.v3io.flink.kafka.verify;
