/** The emulator as a program. */
package io.v3io.emulator.cli;
