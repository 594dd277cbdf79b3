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

package io.v3io.emulator.store;

import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.EmptyNextLocation;
import io.v3io.emulator.DialectSetting.OldLocations;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

/** Makes the locations of one shard, and says which are dead. Guarded by the shard's lock. */
final class ShardLocations {

    private final StoreContext context;
    private final long incarnation;
    private final long ownerByName;

    /** Locations of other epochs are dead. */
    private int epoch;

    /**
     * The locations of a shard.
     *
     * @param incarnation that of the shard
     * @param ownerByName see {@link Location#ownerByName}
     * @param epoch how often all of them had been expired when the emulator last ran
     */
    ShardLocations(StoreContext context, long incarnation, long ownerByName, int epoch) {
        this.context = context;
        this.incarnation = incarnation;
        this.ownerByName = ownerByName;
        this.epoch = epoch;
    }

    /** How often all of them have been expired. */
    int epoch() {
        return epoch;
    }

    /** Before the record at this place, stored or not. */
    Location at(long sequence) {
        long owner = dialect().is(OldLocations.LIVE) ? ownerByName : incarnation;
        return new Location(owner, sequence, epoch, 0);
    }

    /** What is answered to a read that found nothing. */
    Location afterNothing(Location from) {
        return dialect().is(EmptyNextLocation.SAME)
                ? from
                : new Location(
                        from.owner(),
                        from.sequence(),
                        from.epoch(),
                        from.variant() + 1 + context.draw().applyAsInt(Integer.MAX_VALUE));
    }

    /** Kills every location handed out so far. */
    void expireAll() {
        epoch++;
    }

    /**
     * Refuses a location that cannot be read from.
     *
     * @param first place of the oldest record
     * @param visibleEnd place after the last record that readers see
     * @throws ApiException illegal location
     */
    void checkAlive(Location location, long first, long visibleEnd) {
        boolean byName = dialect().is(OldLocations.LIVE) && location.owner() == ownerByName;
        if (location.owner() != incarnation && !byName) {
            throw illegal("belongs to another shard, or to one that has been deleted");
        }
        if (location.epoch() != epoch) {
            throw illegal("has been expired");
        }
        // One from an earlier stream of this name may be ahead of all that this one holds.
        if (location.sequence() < first || (location.sequence() > visibleEnd && !byName)) {
            throw illegal(
                    "points to record " + location.sequence() + ", which is not stored any more");
        }
    }

    private static ApiException illegal(String why) {
        return new ApiException(ApiError.ILLEGAL_LOCATION, "this location " + why);
    }

    private Dialect dialect() {
        return context.dialect().get();
    }
}
