/**
 * Keeps the store's changes in an SQLite database in the data directory, many changes to one
 * commit, so that what was acknowledged survives the death of the process.
 */
package io.v3io.emulator.journal;
