/** What was written by earlier versions, and the ends of the range of Flink's versions. */
package io.v3io.flink.e2e.versions;
