/**
 * What the emulator holds: containers, directories, streams with their shards, objects with their
 * attributes.
 *
 * <p>Nothing here knows HTTP or JSON requests. Everything lives in memory; a {@link
 * io.v3io.emulator.store.Journal} hears of each change before it is acknowledged. There is a lock
 * per shard, per object and per container's directory tree; nothing is locked across streams.
 */
package io.v3io.emulator.store;
