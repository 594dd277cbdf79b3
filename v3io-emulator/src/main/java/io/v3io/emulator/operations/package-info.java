/**
 * What each operation of the web API does: reads the request, asks the store, writes the answer.
 * {@link io.v3io.emulator.operations.WebApi} is the way in.
 */
package io.v3io.emulator.operations;
