/**
 * A server in a process of its own that sends answers made beforehand, so that it is never what
 * limits a measurement. It keeps no record and knows just enough of the web API.
 */
package io.v3io.flink.benchmarks.server;
