/** What the coordinator of a very large job spends on the assignment of shards. */
package io.v3io.flink.benchmarks.enumerator;
