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

/**
 * Consecutive records of a shard, rendered.
 *
 * @param firstSequence sequence number of the first record
 * @param sizes bytes of each record's JSON, with the comma after it
 * @param arrivals arrival time of each record, in nanoseconds since 1970
 * @param json the records' JSON, one after the other, each with a comma after it
 */
@SuppressWarnings("ArrayRecordComponent") // handed from one owner to the next, never compared
public record RecordChunk(long firstSequence, int[] sizes, long[] arrivals, byte[] json) {

    /** How many records. */
    public int count() {
        return sizes.length;
    }

    /** The sequence number after the last record. */
    public long endSequence() {
        return firstSequence + sizes.length;
    }
}
