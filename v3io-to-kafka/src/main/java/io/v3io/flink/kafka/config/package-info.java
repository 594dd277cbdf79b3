/** The configuration file: what is mirrored from where to where, and how both sides are reached. */
package io.v3io.flink.kafka.config;
