/** How the cost of a record grows with its size and with the number of shards, as plots. */
package io.v3io.flink.benchmarks.growth;
