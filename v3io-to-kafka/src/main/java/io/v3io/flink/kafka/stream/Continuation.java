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

package io.v3io.flink.kafka.stream;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamRecord;

import javax.annotation.Nullable;

import java.util.List;

/**
 * How a shard goes on after the last record that was copied.
 *
 * @param createdAgain why it cannot be the shard that was copied, in a sentence; null if nothing
 *     speaks against it
 * @param first number of the record to go on with: the copied one itself while the shard has it
 * @param next the first record that is not copied; null if there is none yet
 */
public record Continuation(@Nullable String createdAgain, long first, @Nullable StreamRecord next) {

    /**
     * As it is now.
     *
     * @param newest number of the newest record of the shard, read after the copy was looked at
     * @param last number of the last record that was copied
     * @param arrivalTimeNanos when that one arrived, in nanoseconds since 1970
     */
    public static Continuation of(
            V3ioClient client, ShardId shard, long newest, long last, long arrivalTimeNanos)
            throws InterruptedException {
        if (newest < last) {
            return new Continuation(shrunk(shard, last, newest), 0, null);
        }
        ShardCursor cursor = ShardCursor.at(client, shard, last);
        List<StreamRecord> next = cursor.next(1);
        long first = next.isEmpty() ? newest + 1 : next.get(0).sequenceNumber();
        if (first == last) {
            StreamRecord same = next.get(0);
            long arrival = same.arrivalTimeSeconds() * 1_000_000_000L + same.arrivalTimeNanos();
            if (arrival != arrivalTimeNanos) {
                return new Continuation(
                        createdAgain(
                                shard, last, "record " + last + " there arrived at another time"),
                        0,
                        null);
            }
            next = newest > last ? cursor.next(1) : List.of();
        }
        return new Continuation(null, first, next.isEmpty() ? null : next.get(0));
    }

    /** What there is to say of a shard that ends before what was copied. */
    public static String shrunk(ShardId shard, long last, long newest) {
        return createdAgain(shard, last, "the newest record there is " + newest);
    }

    /**
     * What there is to say of a shard that the stream has not, and of which something was copied.
     */
    public static String gone(ShardId shard, long last, int shards) {
        return createdAgain(shard, last, "the stream has only " + shards + " shards");
    }

    private static String createdAgain(ShardId shard, long last, String why) {
        return "Stream "
                + shard.stream()
                + " was deleted and created again: shard "
                + shard.number()
                + " was copied up to record "
                + last
                + ", but "
                + why
                + ". Mirror it into a topic of its own.";
    }
}
