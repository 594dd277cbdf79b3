/** Flink's own tests of connectors, on a cluster of processes. */
package io.v3io.flink.e2e.suites;
