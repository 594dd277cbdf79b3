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

package io.v3io.flink.e2e.jobs;

/**
 * What a job saw of a record.
 *
 * <p>A POJO of Flink, so that it travels without Kryo.
 */
public final class SeenRecord {

    /** The shard's number. */
    public int shard;

    /** The record's number in its shard. */
    public long sequenceNumber;

    /** CRC-32 of the record's data. */
    public long checksum;

    /** An empty one, which Flink's serializer fills. */
    public SeenRecord() {}

    SeenRecord(int shard, long sequenceNumber, long checksum) {
        this.shard = shard;
        this.sequenceNumber = sequenceNumber;
        this.checksum = checksum;
    }

    /** Its shard's number, for {@code keyBy}. */
    public int getShard() {
        return shard;
    }
}
