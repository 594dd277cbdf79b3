/**
 * A local emulator of the V3IO Streaming Web API, for tests and for trying things out.
 *
 * <p>{@link io.v3io.emulator.V3ioEmulator} starts one inside the process and shows what it holds;
 * {@link io.v3io.emulator.Fault} describes what shall go wrong. What no public document says, and
 * how the emulator decides it, is in {@link io.v3io.emulator.Assumptions} and nowhere else.
 *
 * <p>The subpackages are no public API.
 */
package io.v3io.emulator;
