/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */

package io.v3io.flink.source.split;

import io.v3io.client.model.Location;

import org.apache.flink.annotation.Internal;

import java.util.Objects;

/**
 * How far a shard has been emitted: the checkpoint position. The sequence number is the truth; the
 * location is a shortcut that may have died by the time of a restore. Where the reader fetches is
 * another thing, always at or ahead of this, and is not in a checkpoint.
 *
 * @param sequenceNumber the last emitted record's number
 * @param arrivalTimeSeconds its arrival time, seconds since 1970: tells it from a record of the
 *     same number in a stream that was deleted and created again
 * @param arrivalTimeNanos nanoseconds within that second
 * @param location the location of the answer in which that record came, also when it was the
 *     answer's last one: asked again it returns the record itself, whose arrival time then proves
 *     that this is the same stream
 */
@Internal
public record EmittedPosition(
        long sequenceNumber, long arrivalTimeSeconds, int arrivalTimeNanos, Location location) {
    public EmittedPosition {
        Objects.requireNonNull(location, "location");
    }
}
