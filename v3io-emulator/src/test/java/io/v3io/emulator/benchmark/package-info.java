/** What the emulator's performance figures come from; programs to be run by hand, not tests. */
package io.v3io.emulator.benchmark;
