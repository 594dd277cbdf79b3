/** The jars, built once, on clusters of every Flink 2.x. */
package io.v3io.flink.e2e.versions;
