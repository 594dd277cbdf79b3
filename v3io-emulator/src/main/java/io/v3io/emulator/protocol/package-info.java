/** Errors and limits of the web API: what every other part of the emulator may refer to. */
package io.v3io.emulator.protocol;
