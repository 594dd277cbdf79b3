/** How things are measured: in turns, by time and by CPU time, with a profile if wanted. */
package io.v3io.flink.benchmarks.measure;
