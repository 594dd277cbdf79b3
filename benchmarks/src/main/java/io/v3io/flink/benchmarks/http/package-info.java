/** The bare HTTP library, without anything of ours: what a client cannot be faster than. */
package io.v3io.flink.benchmarks.http;
