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

package io.v3io.emulator;

import io.v3io.emulator.operations.RecordDecoder;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.Stream;

import io.netty.buffer.ByteBuf;

import java.util.List;
import java.util.NoSuchElementException;
import java.util.OptionalLong;

/**
 * What a stream of an emulator holds, for the assertions of tests. A stream that has been deleted
 * keeps its last state.
 */
public final class EmulatedStream {
    private final Stream stream;

    EmulatedStream(Stream stream) {
        this.stream = stream;
    }

    /** How many shards there are, born or not. */
    public int shardCount() {
        return stream.shardCount();
    }

    /** How long records stay, in hours. */
    public int retentionPeriodHours() {
        return stream.retentionHours();
    }

    /**
     * All records of a shard, oldest first; none when it is unborn.
     *
     * @throws NoSuchElementException when the stream has no such shard
     */
    public List<StoredRecord> records(int shardId) {
        ByteBuf json = shard(shardId).all();
        try {
            return RecordDecoder.decode(json);
        } finally {
            json.release();
        }
    }

    /** How many records all shards hold. */
    public long recordCount() {
        return stream.summaries().stream().mapToLong(summary -> summary.records()).sum();
    }

    /**
     * What a consumer group has committed for a shard (API page section 8).
     *
     * @throws NoSuchElementException when the stream has no such shard
     */
    public OptionalLong committedSequenceNumber(String group, int shardId) {
        Long committed = Stream.committedByGroup(shard(shardId).snapshot().user()).get(group);
        return committed == null ? OptionalLong.empty() : OptionalLong.of(committed);
    }

    Shard shard(int shardId) {
        if (shardId < 0 || shardId >= stream.shardCount()) {
            throw new NoSuchElementException(
                    "the stream "
                            + stream.path()
                            + " has "
                            + stream.shardCount()
                            + " shards, none with id "
                            + shardId);
        }
        return stream.shard(shardId);
    }
}
