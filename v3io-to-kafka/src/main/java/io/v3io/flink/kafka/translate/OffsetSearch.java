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

package io.v3io.flink.kafka.translate;

import io.v3io.flink.kafka.record.Origin;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.List;

/** Finds a record of a partition by its number in the shard, by binary search over offsets. */
final class OffsetSearch {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private final Consumer<byte[], byte[]> consumer;
    private final String stream;
    private final TopicPartition partition;

    private final long end;

    /**
     * A search in one partition.
     *
     * @param consumer of committed records; gets another assignment
     * @param stream of which the partition must be a copy: its shard is the partition
     * @param end offset after the last committed record
     */
    OffsetSearch(
            Consumer<byte[], byte[]> consumer, String stream, TopicPartition partition, long end) {
        this.stream = stream;
        this.consumer = consumer;
        this.partition = partition;
        this.end = end;
    }

    /**
     * An offset before which all records have numbers up to this one, and from which on all have
     * larger ones.
     *
     * @param begin offset of the first record that there may be
     */
    long after(long sequenceNumber, long begin) {
        consumer.assign(List.of(partition));
        long low = begin;
        long high = end;
        // Offsets below low have numbers up to the one that is sought; those from high on, larger
        // ones.
        while (low < high) {
            long middle = low + (high - low) / 2;
            ConsumerRecord<byte[], byte[]> record = firstFrom(middle, high);
            if (record == null) {
                // Only markers and aborted records up to high.
                high = middle;
            } else if (number(record) > sequenceNumber) {
                high = middle;
            } else {
                low = record.offset() + 1;
            }
        }
        consumer.unsubscribe();
        return low;
    }

    /**
     * Offset of the first committed record from an offset on; the end if there is none. What a
     * consumer that does not ask for committed records would find before it is left out.
     */
    long firstRecordFrom(long offset) {
        consumer.assign(List.of(partition));
        ConsumerRecord<byte[], byte[]> first = firstFrom(offset, end);
        consumer.unsubscribe();
        return first == null ? end : first.offset();
    }

    private long number(ConsumerRecord<byte[], byte[]> record) {
        return Origin.of(record)
                .filter(of -> of.stream().equals(stream) && of.shard() == partition.partition())
                .orElseThrow(
                        () ->
                                new KafkaException(
                                        "The record at offset "
                                                + record.offset()
                                                + " of partition "
                                                + partition
                                                + " is not a copy of a record of shard "
                                                + partition.partition()
                                                + " of stream "
                                                + stream
                                                + ", so positions in it mean nothing. Run verify."))
                .sequenceNumber();
    }

    @Nullable
    private ConsumerRecord<byte[], byte[]> firstFrom(long from, long end) {
        consumer.seek(partition, from);
        long position = from;
        long silentSince = System.nanoTime();
        while (consumer.position(partition) < end) {
            List<ConsumerRecord<byte[], byte[]>> records = consumer.poll(POLL).records(partition);
            if (!records.isEmpty()) {
                return records.get(0).offset() < end ? records.get(0) : null;
            }
            if (consumer.position(partition) > position) {
                position = consumer.position(partition);
                silentSince = System.nanoTime();
            } else if (System.nanoTime() - silentSince > LONGEST_SILENCE.toNanos()) {
                throw new KafkaException(
                        "Partition "
                                + partition
                                + " could not be read at offset "
                                + position
                                + ": nothing came for 60 s.");
            }
        }
        return null;
    }
}
