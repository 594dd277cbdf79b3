/** What a cluster of processes must not tell, and whom its jobs must not trust. */
package io.v3io.flink.e2e.security;
