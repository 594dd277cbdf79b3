/** Decides which faults hit a request, by count, path and probability. */
package io.v3io.emulator.faults;
