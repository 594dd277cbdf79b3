/** The condition expressions of PutItem. */
package io.v3io.emulator.condition;
