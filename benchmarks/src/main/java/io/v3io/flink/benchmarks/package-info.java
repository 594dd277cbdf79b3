/**
 * What the performance figures come from: each is a ratio of two things that one run measures in
 * turns, with the peer or the bare library beside ours. {@code benchmarks/bin/bench} runs it.
 */
package io.v3io.flink.benchmarks;
