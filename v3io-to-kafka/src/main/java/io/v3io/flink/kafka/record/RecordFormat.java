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

import io.v3io.flink.kafka.config.StreamMapping;

import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.utils.Utils;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Makes the records of one topic from those of its stream. Thread-safe. */
public final class RecordFormat {

    /** Bytes that a record may need beside its data: key, headers, and what a batch adds. */
    public static final int OVERHEAD_BYTES = 8 * 1_024;

    private final String topic;
    private final Header stream;
    @Nullable private final EnvelopeKey envelopeKey;

    /** 0 where the shard is the partition. */
    private final int partitions;

    /**
     * The format of one stream.
     *
     * @param partitions of the topic; matters only where the key decides on the partition
     */
    public RecordFormat(StreamMapping mapping, int partitions) {
        this.partitions = mapping.isByKey() ? partitions : 0;
        topic = mapping.topic();
        stream = new RecordHeader(Origin.STREAM, mapping.stream().getBytes(UTF_8));
        envelopeKey = mapping.keyField() == null ? null : new EnvelopeKey(mapping.keyField());
    }

    /** What is sent for a record. */
    public ProducerRecord<byte[], byte[]> toKafka(ShardRecord record) {
        List<Header> headers = new ArrayList<>(5);
        headers.add(stream);
        headers.add(new RecordHeader(Origin.SHARD, decimal(record.shard)));
        headers.add(new RecordHeader(Origin.SEQUENCE_NUMBER, decimal(record.sequenceNumber)));
        headers.add(new RecordHeader(Origin.ARRIVAL_TIME, decimal(record.arrivalTimeNanos())));
        if (record.clientInfo != null) {
            headers.add(new RecordHeader(Origin.CLIENT_INFO, record.clientInfo));
        }
        byte[] key = key(record.partitionKey, record.data);
        return new ProducerRecord<>(
                topic,
                partition(record.shard, key),
                record.arrivalTimeMillis(),
                key,
                record.data,
                headers);
    }

    /**
     * The partition of a record of this shard with this key. By key it is the one that Kafka's own
     * partitioner chooses; records without a key stay together by their shard.
     */
    public int partition(int shard, @Nullable byte[] key) {
        if (partitions == 0) {
            return shard;
        }
        return key == null ? shard % partitions : Utils.toPositive(Utils.murmur2(key)) % partitions;
    }

    /** The key of a record with this partition key and data; null without one. */
    @Nullable
    public byte[] key(@Nullable String partitionKey, byte[] data) {
        String key = envelopeKey == null ? partitionKey : envelopeKey.of(data);
        return key == null ? null : key.getBytes(UTF_8);
    }

    private static byte[] decimal(long number) {
        return Long.toString(number).getBytes(UTF_8);
    }
}
