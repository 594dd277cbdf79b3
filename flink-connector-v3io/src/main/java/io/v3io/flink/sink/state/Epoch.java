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

package io.v3io.flink.sink.state;

import io.v3io.client.model.StreamPath;

import org.apache.flink.annotation.Internal;

import java.util.List;
import java.util.SortedMap;

/**
 * The committable: the records of one writer between two checkpoints, and what a committer must
 * know to find out which of them are stored.
 *
 * @param id names it, and its records
 * @param startedAfter the checkpoint after which the writer began it; {@link #NO_CHECKPOINT} before
 *     the first one
 * @param last whether the writer's input ended with it
 * @param preparedAtMillis when it was handed to the committer, by the writer's clock; none of its
 *     records was sent before
 * @param floors each stream that it may have records for, with what the stream held then
 * @param recordCount how many records it has
 * @param parts these records
 */
@Internal
public record Epoch(
        EpochId id,
        long startedAfter,
        boolean last,
        long preparedAtMillis,
        List<StreamFloor> floors,
        int recordCount,
        List<Part> parts) {

    public static final long NO_CHECKPOINT = -1;

    public Epoch {
        floors = List.copyOf(floors);
        parts = List.copyOf(parts);
    }

    /**
     * A stream as it was before any record of an epoch was sent.
     *
     * @param newest the newest sequence number of each shard that had been born, by shard id
     */
    public record StreamFloor(StreamPath stream, SortedMap<Integer, Long> newest) {}

    /** Says nothing of what is in the records. */
    @Override
    public String toString() {
        return "Epoch{" + id + ", " + recordCount + " records in " + parts.size() + " parts}";
    }

    /**
     * Some records of an epoch, in the order they were written in, as {@link EpochRecords} has
     * them.
     */
    public sealed interface Part {

        /** Bytes of the encoded records. */
        int length();

        /**
         * Records that travel in the committable itself.
         *
         * @param bytes not copied
         */
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Inline(byte[] bytes) implements Part {

            @Override
            public int length() {
                return bytes.length;
            }

            @Override
            public String toString() {
                return "Inline{" + bytes.length + " bytes}";
            }
        }

        /**
         * Records in an object of the staging directory.
         *
         * @param container its container
         * @param path its path in the container
         * @param crc CRC-32C of its bytes
         */
        record Staged(String container, String path, int length, int crc) implements Part {}
    }
}
