/** Checks of pages that need no cluster. */
package io.v3io.flink.e2e.docs;
