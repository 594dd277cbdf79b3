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

package io.v3io.flink.kafka.verify;

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
final class PartitionReader {

    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration LONGEST_SILENCE = Duration.ofSeconds(60);

    private final Consumer<byte[], byte[]> consumer;
    private final TopicPartition partition;
    private final long end;
    private Iterator<ConsumerRecord<byte[], byte[]>> read = Collections.emptyIterator();

    PartitionReader(
            Consumer<byte[], byte[]> consumer, TopicPartition partition, long from, long end) {
        this.consumer = consumer;
        this.partition = partition;
        this.end = end;
        consumer.assign(List.of(partition));
        consumer.seek(partition, from);
    }

    /** The next record; null at the end. */
    @Nullable
    ConsumerRecord<byte[], byte[]> next() {
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
            if (System.nanoTime() - silentSince > LONGEST_SILENCE.toNanos()) {
                throw new KafkaException(
                        "Partition "
                                + partition
                                + " could not be read at offset "
                                + position
                                + ": nothing came for 60 s.");
            }
            read = consumer.poll(POLL).records(partition).iterator();
        }
        ConsumerRecord<byte[], byte[]> next = read.next();
        return next.offset() < end ? next : null;
    }
}
