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

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.config.PartitionBy;
import io.v3io.flink.kafka.config.StreamMapping;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

class RecordFormatTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/orders");

    private static ProducerRecord<byte[], byte[]> toKafka(StreamRecord record, String keyField) {
        StreamMapping mapping =
                new StreamMapping(
                        STREAM.toString(), "orders", keyField, PartitionBy.SHARD, 1_000, Map.of());
        return new RecordFormat(mapping, 1).toKafka(new ShardRecord(0, record));
    }

    @Test
    void byKeyARecordGoesWhereKafkasPartitionerPutsItsKey() {
        int partitions = 7;
        RecordFormat format =
                new RecordFormat(
                        new StreamMapping(
                                STREAM.toString(),
                                "orders",
                                null,
                                PartitionBy.KEY,
                                1_000,
                                Map.of()),
                        partitions);
        Set<Integer> seen = new HashSet<>();
        for (int i = 0; i < 1_000; i++) {
            StreamRecord record = record("data", "k\u00e9y-" + i, null);
            ProducerRecord<byte[], byte[]> sent = format.toKafka(new ShardRecord(0, record));
            assertThat(sent.partition())
                    .isEqualTo(BuiltInPartitioner.partitionForKey(sent.key(), partitions));
            seen.add(sent.partition());
        }
        assertThat(seen).hasSize(partitions);
        // Without a key the records of a shard stay together: here shard 7, of 7 partitions.
        assertThat(format.toKafka(new ShardRecord(0, record("data", null, null))).partition())
                .isZero();
        assertThat(format.partition(9, null)).isEqualTo(2);
    }

    private static StreamRecord record(String data, String key, byte[] clientInfo) {
        return new StreamRecord(
                STREAM.shard(7),
                41,
                1_700_000_000,
                123_456_789,
                data.getBytes(UTF_8),
                key,
                clientInfo);
    }

    private static Optional<Origin> origin(ProducerRecord<byte[], byte[]> sent) {
        return Origin.of(received(sent));
    }

    private static ConsumerRecord<byte[], byte[]> received(ProducerRecord<byte[], byte[]> sent) {
        return new ConsumerRecord<>(
                sent.topic(),
                sent.partition(),
                5,
                sent.timestamp(),
                TimestampType.CREATE_TIME,
                0,
                0,
                sent.key(),
                sent.value(),
                sent.headers(),
                Optional.empty());
    }

    @Test
    void everyPartOfARecordHasItsPlace() {
        ProducerRecord<byte[], byte[]> sent =
                toKafka(record("data", "käse", new byte[] {1, 2}), null);

        assertThat(sent.topic()).isEqualTo("orders");
        assertThat(sent.partition()).isEqualTo(7);
        assertThat(sent.timestamp()).isEqualTo(1_700_000_000_123L);
        assertThat(sent.key()).isEqualTo("käse".getBytes(UTF_8));
        assertThat(sent.value()).isEqualTo("data".getBytes(UTF_8));
        assertThat(sent.headers())
                .extracting(Header::key, header -> new String(header.value(), UTF_8))
                .containsExactly(
                        tuple("v3io.stream", "users/me/orders"),
                        tuple("v3io.shard", "7"),
                        tuple("v3io.sequence-number", "41"),
                        tuple("v3io.arrival-time", "1700000000123456789"),
                        tuple("v3io.client-info", "\u0001\u0002"));
        Origin origin = origin(sent).orElseThrow();
        assertThat(origin.stream()).isEqualTo("users/me/orders");
        assertThat(origin.shard()).isEqualTo(7);
        assertThat(origin.sequenceNumber()).isEqualTo(41);
        assertThat(origin.arrivalTimeNanos()).isEqualTo(1_700_000_000_123_456_789L);
        assertThat(Origin.clientInfo(received(sent))).containsExactly(1, 2);
    }

    @Test
    void whatARecordDoesNotHaveStaysAway() {
        ProducerRecord<byte[], byte[]> sent = toKafka(record("", null, null), null);

        assertThat(sent.key()).isNull();
        assertThat(sent.value()).isEmpty();
        assertThat(Origin.clientInfo(received(sent))).isNull();
        assertThat(toKafka(record("", "", null), null).key()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"full_event_wrapper\": true, \"body\": {\"key\": \"inner\"}, \"key\": \"outer\"}|outer",
                "{\"key\": 17}|17",
                "{\"key\": null}|",
                "{\"key\": [1]}|",
                "{\"other\": 1}|",
                "[{\"key\": 1}]|",
                "{\"key\": \"a|",
                "no json|",
                "``|"
            })
    void aKeyCanComeFromAnEnvelope(String data, String key) {
        byte[] sent = toKafka(record(data, "partition-key", null), "key").key();

        assertThat(sent == null ? null : new String(sent, UTF_8)).isEqualTo(key);
    }

    @Test
    void recordsOfOthersHaveNoOrigin() {
        ProducerRecord<byte[], byte[]> foreign =
                new ProducerRecord<>("orders", 0, 0L, null, new byte[0], new RecordHeaders());
        assertThat(origin(foreign)).isEmpty();

        ProducerRecord<byte[], byte[]> broken = toKafka(record("", null, null), null);
        broken.headers().remove("v3io.shard").add("v3io.shard", "x".getBytes(UTF_8));
        assertThat(origin(broken)).isEmpty();
    }
}
