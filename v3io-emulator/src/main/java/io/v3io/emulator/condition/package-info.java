/** The expressions of item operations: conditions and updates. */
package io.v3io.emulator.condition;
