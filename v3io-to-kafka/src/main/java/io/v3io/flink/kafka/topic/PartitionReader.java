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

package io.v3io.flink.kafka.topic;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;

/** Reads the committed records of a partition up to an offset, one by one. Not thread-safe. */
public final class PartitionReader implements CopyReader {

    private static final Duration POLL = Duration.ofMillis(200);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final long end;
    private final Duration longestSilence;
    private Iterator<ConsumerRecord<byte[], byte[]>> read = Collections.emptyIterator();

    /**
     * A reader that begins at an offset.
     *
     * @param consumer of committed records; gets another assignment
     * @param end offset at which it ends
     * @param longestSilence how long it waits for a record, or for a transaction to end
     */
    public PartitionReader(
            Consumer<byte[], byte[]> consumer,
            TopicPartition partition,
            long from,
            long end,
            Duration longestSilence) {
        this.longestSilence = longestSilence;
        this.consumer = consumer;
        this.partition = partition;
        this.end = end;
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
    }

    @Override
    @Nullable
    public ConsumerRecord<byte[], byte[]> next() {
        long silentSince = System.nanoTime();
        long position = consumer.position(partition);
        while (!read.hasNext()) {
            if (consumer.position(partition) >= end) {
                return null;
            }
            if (consumer.position(partition) > position) {
                position = consumer.position(partition);
                silentSince = System.nanoTime();
            }
            if (System.nanoTime() - silentSince > longestSilence.toNanos()) {
                throw new KafkaException(
                        "Partition "
                                + partition
                                + " could not be read at offset "
                                + position
                                + ": nothing came for "
                                + longestSilence.toSeconds()
                                + " s.");
            }
            read = consumer.poll(POLL).records(partition).iterator();
        }
        ConsumerRecord<byte[], byte[]> next = read.next();
        return next.offset() < end ? next : null;
    }
}
