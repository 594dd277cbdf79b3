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

import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.topic.CopyReader;
import io.v3io.flink.kafka.topic.PartitionReader;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the copies of one shard where keys decide on partitions: from all of them, in the order of
 * their numbers. It holds one record of each partition. Records that are no copies of the stream
 * come as they are found.
 */
final class ShardCopiesReader implements CopyReader {

    private final String stream;
    private final int shard;
    private final long upTo;
    private final List<PartitionReader> partitions;
    private final List<Consumer<byte[], byte[]>> consumers;
    private final List<ConsumerRecord<byte[], byte[]>> heads = new ArrayList<>();

    /**
     * A reader of all partitions.
     *
     * @param upTo number of the last record that is known to be committed; later ones may be there
     *     in part
     * @param partitions all of them
     * @param consumers of the partitions; closed with this reader
     */
    ShardCopiesReader(
            String stream,
            int shard,
            long upTo,
            List<PartitionReader> partitions,
            List<Consumer<byte[], byte[]>> consumers) {
        this.consumers = consumers;
        this.stream = stream;
        this.shard = shard;
        this.upTo = upTo;
        this.partitions = partitions;
    }

    @Override
    @Nullable
    public ConsumerRecord<byte[], byte[]> next() {
        if (heads.isEmpty()) {
            for (PartitionReader partition : partitions) {
                heads.add(head(partition));
            }
        }
        int first = -1;
        for (int i = 0; i < heads.size(); i++) {
            if (heads.get(i) != null
                    && (first < 0 || order(heads.get(i)) < order(heads.get(first)))) {
                first = i;
            }
        }
        if (first < 0) {
            return null;
        }
        ConsumerRecord<byte[], byte[]> next = heads.get(first);
        heads.set(first, head(partitions.get(first)));
        return next;
    }

    @Nullable
    private ConsumerRecord<byte[], byte[]> head(PartitionReader partition) {
        for (ConsumerRecord<byte[], byte[]> record = partition.next();
                record != null;
                record = partition.next()) {
            Optional<Origin> origin = Origin.of(record).filter(of -> of.stream().equals(stream));
            if (origin.isEmpty()) {
                return record;
            }
            if (origin.get().shard() == shard) {
                return origin.get().sequenceNumber() <= upTo ? record : null;
            }
        }
        return null;
    }

    /** What is no copy comes first. */
    private static long order(ConsumerRecord<byte[], byte[]> record) {
        return Origin.of(record).map(Origin::sequenceNumber).orElse(0L);
    }

    @Override
    public void close() {
        consumers.forEach(Consumer::close);
    }
}
