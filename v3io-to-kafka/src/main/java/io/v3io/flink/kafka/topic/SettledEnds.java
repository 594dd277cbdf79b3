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
import org.apache.kafka.common.TopicPartition;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Where the partitions of a topic begin, and where they end with all that is written, committed or
 * not. Whoever reads committed records up to there waits until the transactions of that moment have
 * ended, and then has seen all of each, which the last committed records of several partitions do
 * not tell: the partitions learn of a commit one after the other.
 */
public final class SettledEnds {

    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> begins;
    private final Map<TopicPartition, Long> ends;
    private final Duration longestWait;

    /**
     * As they are now.
     *
     * @param partitions how many the topic has
     * @param transactionTimeout after which the broker ends a transaction
     */
    public SettledEnds(
            KafkaAccess access, String topic, int partitions, Duration transactionTimeout) {
        this.partitions =
                IntStream.range(0, partitions)
                        .mapToObj(partition -> new TopicPartition(topic, partition))
                        .toList();
        try (Consumer<byte[], byte[]> consumer = access.allRecords()) {
            begins = consumer.beginningOffsets(this.partitions);
            ends = consumer.endOffsets(this.partitions);
        }
        longestWait = transactionTimeout.plusSeconds(60);
    }

    /** Returns all partitions, in the order of their ids. */
    public List<TopicPartition> partitions() {
        return partitions;
    }

    /** Offset of the first record that a partition may still have. */
    public long begin(TopicPartition partition) {
        return begins.get(partition);
    }

    /** Offset after everything that is written; 0 for a partition that is not there. */
    public long end(TopicPartition partition) {
        return ends.getOrDefault(partition, 0L);
    }

    /** How long a reader waits for transactions to end. */
    public Duration longestWait() {
        return longestWait;
    }
}
