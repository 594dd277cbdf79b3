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

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.ShardId;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import java.util.concurrent.CompletableFuture;

/**
 * Finds the location from which a shard is to be read, without ever passing over a record: after a
 * known sequence number it points to that record or before the next one, and if the platform has
 * neither, the future fails, or tells what the user chose to give up. Never blocks; thread-safe.
 *
 * <p>A resume seeks to the last record that was taken, which existed, and {@link ShardProgress}
 * drops it. It also checks that the record is what the seek led to: platforms may answer a number
 * that they do not hold with an error, with the end, or with the oldest record (API page section
 * 10).
 */
@Internal
final class ShardSeeker {

    private final V3ioClient client;
    private final DataLoss dataLoss;

    ShardSeeker(V3ioClient client, DataLoss dataLoss) {
        this.client = client;
        this.dataLoss = dataLoss;
    }

    /**
     * A location for a shard.
     *
     * @param split the shard with its start
     * @param position how far it has been read
     * @param deaths how many locations of it have died in a row, before any was answered
     * @return fails with {@link V3ioException.Kind#NOT_FOUND} only if the shard may not have been
     *     born yet, and with a {@link FlinkRuntimeException} that tells what to do if the position
     *     is lost
     */
    CompletableFuture<FoundLocation> seek(
            V3ioShardSplit split, ShardPosition position, int deaths) {
        ShardLookup lookup = lookup(split.shard());
        CompletableFuture<FoundLocation> location =
                new ShardSearch(lookup, dataLoss, split, position, deaths).location();
        // A bounded shard had records when the job started: not found cannot mean not born yet.
        return split.lastSequenceNumber().isPresent()
                ? ShardLookup.orElseIfNotThere(
                        location, () -> CompletableFuture.failedFuture(lookup.deleted()))
                : location;
    }

    /**
     * For a bounded shard that ended before its last record, which was in it when the job started:
     * what has become of the rest.
     *
     * @param isKnown whether the position is a number at all; without it the shard was to be read
     *     from a time or from whatever it has, and having nothing (more) of that is no loss
     * @return if {@link FoundLocation#lostThrough()} is set, the rest is given up; if not, it is
     *     still to come
     */
    CompletableFuture<FoundLocation> seekRest(
            V3ioShardSplit split, ShardPosition position, boolean isKnown) {
        return new ShardSearch(lookup(split.shard()), dataLoss, split, position, 0).rest(isKnown);
    }

    /** The newest number of a shard; 0 if the shard, or its whole stream, is not there. */
    CompletableFuture<Long> newest(ShardId shard) {
        return lookup(shard).newest();
    }

    private ShardLookup lookup(ShardId shard) {
        return new ShardLookup(client, shard);
    }
}
