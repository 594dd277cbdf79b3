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

package io.v3io.flink.kafka.record;

import io.v3io.client.model.StreamRecord;

import javax.annotation.Nullable;

/**
 * A record on its way from a shard to a partition. Public fields and a constructor without
 * arguments, so that Flink can serialize it where source and writer are not one task.
 */
public final class ShardRecord {

    /** Position of its stream in the configuration. */
    public int mapping;

    /** Its shard. */
    public int shard;

    /** Its number in the shard. */
    public long sequenceNumber;

    /** When the platform took it, in seconds since 1970. */
    public long arrivalSeconds;

    /** Nanoseconds within the second. */
    public int arrivalNanos;

    /** Its partition key; null without one. */
    @Nullable public String partitionKey;

    /** Its payload. */
    public byte[] data;

    /** Its client info; null without it. */
    @Nullable public byte[] clientInfo;

    /** An empty record, which Flink's serializer fills. */
    public ShardRecord() {
        data = new byte[0];
    }

    /** What was received, of the stream at this position in the configuration. */
    public ShardRecord(int mapping, StreamRecord received) {
        this.mapping = mapping;
        shard = received.shard().number();
        sequenceNumber = received.sequenceNumber();
        arrivalSeconds = received.arrivalTimeSeconds();
        arrivalNanos = received.arrivalTimeNanos();
        partitionKey = received.partitionKey();
        data = received.data();
        clientInfo = received.clientInfo();
    }

    /** Its arrival in nanoseconds since 1970. */
    public long arrivalTimeNanos() {
        return Math.addExact(Math.multiplyExact(arrivalSeconds, 1_000_000_000L), arrivalNanos);
    }

    /** Its arrival in milliseconds since 1970, rounded down. */
    public long arrivalTimeMillis() {
        return arrivalSeconds * 1_000 + arrivalNanos / 1_000_000;
    }
}
