/**
 * What the emulator offers beside the web API, under {@code /_emulator/}: a page for people, and
 * the controls of a standalone emulator. With an access key set, all of it needs the key.
 *
 * <ul>
 *   <li>{@code GET /_emulator/}: the page. {@code GET /_emulator/state}: what it shows, as JSON.
 *   <li>{@code PUT /_emulator/faults}: replaces the faults, {@code GET} shows and {@code DELETE}
 *       clears them; the form is that of {@link io.v3io.emulator.admin.FaultJson}.
 *   <li>{@code POST /_emulator/clock} {@code {"advanceMillis": n}}: moves arrival times and
 *       retention.
 *   <li>{@code POST /_emulator/expire} {@code {"stream": "container/path"}}: kills the stream's
 *       locations.
 *   <li>{@code POST /_emulator/trim} {@code {"stream": ..., "shardId": n,
 *       "firstRemainingSequenceNumber": n}}: removes records as retention does.
 *   <li>{@code POST /_emulator/pause} {@code {"millis": n}}: resets all connections for a while.
 * </ul>
 */
package io.v3io.emulator.admin;
