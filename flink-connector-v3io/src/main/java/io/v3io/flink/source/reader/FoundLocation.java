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

package io.v3io.flink.source.reader;

import io.v3io.client.model.Location;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

/**
 * What a seek found.
 *
 * @param location from which the shard is to be read on; null when {@link #lostThrough} is the new
 *     position, after which it has to be sought
 * @param lostThrough number up to which records are given up, because they are gone and the user
 *     chose to go on without them; 0 when nothing was lost
 * @param expected number of a record that the answers from here have to show; 0 for none
 * @param isFirst whether that has to be the first one that they show
 */
@Internal
record FoundLocation(
        @Nullable Location location, long lostThrough, long expected, boolean isFirst) {

    /** A location about which nothing is known. */
    static FoundLocation of(Location location) {
        return new FoundLocation(location, 0, 0, false);
    }

    /** What a seek to a number answered, which need not be that record's location. */
    static FoundLocation sought(Location location, long sequenceNumber) {
        return new FoundLocation(location, 0, sequenceNumber, true);
    }

    /** A location before a record that was read once and must come again. */
    static FoundLocation before(Location location, long sequenceNumber) {
        return new FoundLocation(location, 0, sequenceNumber, false);
    }

    /** The shard goes on with the record at the location; those up to a number are given up. */
    static FoundLocation afterLoss(Location location, long lostThrough) {
        return new FoundLocation(location, lostThrough, 0, false);
    }

    /** The shard goes on with what follows a number. */
    static FoundLocation givenUp(long lostThrough) {
        return new FoundLocation(null, lostThrough, 0, false);
    }
}
