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

import io.v3io.flink.kafka.testing.Migration;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(120)
class PartitionEndsITCase {

    @Test
    void findsTheLastCommittedRecordBeforeAnyNumberOfAbortedOnes() throws Exception {
        try (Migration migration = Migration.start()) {
            migration.createTopic(4, Map.of());
            KafkaAccess access = new KafkaAccess(migration.config().kafka());
            try (Producer<byte[], byte[]> producer =
                            access.producer(Map.of("transactional.id", migration.topic()));
                    Consumer<byte[], byte[]> consumer = access.committedRecords()) {
                producer.initTransactions();
                // Found at once, after two steps, after three, and never.
                transaction(producer, migration.partition(0), 3, true);
                transaction(producer, migration.partition(1), 3, true);
                transaction(producer, migration.partition(1), 40, false);
                transaction(producer, migration.partition(2), 3, true);
                transaction(producer, migration.partition(2), 400, false);
                transaction(producer, migration.partition(3), 400, false);
                // Open while it is looked for.
                producer.beginTransaction();
                send(producer, migration.partition(1), 5);
                producer.flush();

                Map<TopicPartition, PartitionEnd> ends =
                        PartitionEnds.read(
                                consumer,
                                List.of(
                                        migration.partition(0),
                                        migration.partition(1),
                                        migration.partition(2),
                                        migration.partition(3)));

                for (int partition = 0; partition < 3; partition++) {
                    assertThat(ends.get(migration.partition(partition)).last().offset())
                            .isEqualTo(2);
                }
                assertThat(ends.get(migration.partition(1)).endOffset()).isEqualTo(3 + 1 + 40 + 1);
                assertThat(ends.get(migration.partition(3)).last()).isNull();
                assertThat(ends.get(migration.partition(3)).isEmptied()).isFalse();
                producer.abortTransaction();
            }
        }
    }

    private static void transaction(
            Producer<byte[], byte[]> producer,
            TopicPartition partition,
            int records,
            boolean commit) {
        producer.beginTransaction();
        send(producer, partition, records);
        producer.flush();
        if (commit) {
            producer.commitTransaction();
        } else {
            producer.abortTransaction();
        }
    }

    private static void send(
            Producer<byte[], byte[]> producer, TopicPartition partition, int records) {
        for (int i = 0; i < records; i++) {
            var unused =
                    producer.send(
                            new ProducerRecord<>(
                                    partition.topic(),
                                    partition.partition(),
                                    null,
                                    ("r" + i).getBytes(UTF_8)));
        }
    }
}
