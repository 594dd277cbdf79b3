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

package io.v3io.flink.kafka.testing;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.kafka.config.ConfigFile;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.Position;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.TopicOwner;
import io.v3io.flink.kafka.stream.ShardCursor;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.awaitility.Awaitility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** An emulator with one stream, a topic that is its own, and what a test does with both. */
public final class Migration implements AutoCloseable {

    /** The stream that is copied. */
    public static final StreamPath STREAM = StreamPath.parse("users/me/orders");

    /** The one key that the emulator takes. */
    public static final String ACCESS_KEY = EmulatedStreams.ACCESS_KEY;

    /** To Kafka, the offset up to which it removes records. */
    private static final long TO_THE_END = -1;

    private final EmulatedStreams streams;
    private final V3ioClient client;
    private final KafkaBroker broker;
    private final String topic = SharedBroker.newName("orders");
    private final String mirror = SharedBroker.newName("mirror");
    private final String stateTopic = SharedBroker.newName("state");

    private final Path keyFile;
    private final boolean ownsEmulator;

    private Migration(EmulatedStreams streams, boolean ownsEmulator) throws IOException {
        this.streams = streams;
        this.ownsEmulator = ownsEmulator;
        this.broker = SharedBroker.get();
        client = streams.client();
        keyFile = Files.createTempFile("v3io-to-kafka", ".key");
        Files.writeString(keyFile, ACCESS_KEY);
    }

    /** With an emulator that takes one key. */
    public static Migration start() throws IOException {
        return new Migration(EmulatedStreams.start(e -> e.accessKey(ACCESS_KEY)), true);
    }

    /** The same stream, to another topic. */
    public Migration withNewTopic() throws IOException {
        return new Migration(streams, false);
    }

    /** The emulator that has the stream. */
    public V3ioEmulator emulator() {
        return streams.emulator();
    }

    /** A client of the emulator. */
    public V3ioClient client() {
        return client;
    }

    /** Name of the topic that the stream is copied into; another one for each migration. */
    public String topic() {
        return topic;
    }

    /** The topic with the state. */
    public String stateTopic() {
        return stateTopic;
    }

    /** A partition of the topic. */
    public TopicPartition partition(int partition) {
        return new TopicPartition(topic, partition);
    }

    /** Makes the stream, which keeps records for a day. */
    public Migration createStream(int shards) {
        client.createStream(STREAM, shards, 24).join();
        return this;
    }

    /**
     * Stores records {@code <prefix><from>} and so on in a shard, with keys, some with client info.
     */
    public void put(int shard, String prefix, int from, int count) {
        List<PutRecord> records = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            records.add(
                    PutRecord.of((prefix + i).getBytes(UTF_8))
                            .withShardId(shard)
                            .withPartitionKey(i % 3 == 0 ? null : "key-" + i % 5)
                            .withClientInfo(
                                    i % 2 == 0 ? new byte[] {(byte) shard, (byte) i} : null));
        }
        for (PutResult result : client.putRecords(STREAM, records).join()) {
            assertThat(result).isInstanceOf(PutResult.Stored.class);
        }
    }

    /** Deletes the stream and makes it anew. */
    public void createStreamAgain(int shards) {
        client.deleteStream(STREAM).join();
        createStream(shards);
    }

    /** Takes down in the state topic that the topic is one of this mirror. */
    public void noteOwner(String stream) throws Exception {
        new StateTopic(new KafkaAccess(config().kafka()))
                .write(StateKeys.topic(topic), new TopicOwner(mirror, stream, null));
    }

    /** Makes the topic with these settings, as a user might have done before. */
    public void createTopic(int partitions, Map<String, String> settings) throws Exception {
        try (Admin admin = broker.admin()) {
            var unused =
                    admin.createTopics(
                                    List.of(
                                            new NewTopic(topic, partitions, (short) 1)
                                                    .configs(settings)))
                            .all()
                            .get();
        }
    }

    /** Deletes the topic, and waits until it is gone. */
    public void deleteTopic() throws Exception {
        try (Admin admin = broker.admin()) {
            var unused = admin.deleteTopics(List.of(topic)).all().get();
            Awaitility.await().until(() -> !admin.listTopics().names().get().contains(topic));
        }
    }

    /** Removes all records of a partition, as retention does in the end. */
    public void emptyPartition(int partition) throws Exception {
        try (Admin admin = broker.admin()) {
            var unused =
                    admin.deleteRecords(
                                    Map.of(
                                            partition(partition),
                                            RecordsToDelete.beforeOffset(TO_THE_END)))
                            .all()
                            .get();
        }
    }

    /** Takes down in the state topic how far a shard was copied. */
    public void noteCopied(int shard, long sequenceNumber) throws Exception {
        KafkaAccess access = new KafkaAccess(config().kafka());
        long arrival =
                records(shard).stream()
                        .filter(record -> record.sequenceNumber() == sequenceNumber)
                        .mapToLong(record -> new ShardRecord(0, record).arrivalTimeNanos())
                        .findFirst()
                        .orElse(0);
        try (Producer<byte[], byte[]> producer = access.producer(Map.of())) {
            var unused =
                    producer.send(
                                    new StateTopic(access)
                                            .record(
                                                    partition(shard),
                                                    new Position(sequenceNumber, arrival)))
                            .get();
        }
    }

    /** What a shard has now. */
    public List<StreamRecord> records(int shard) throws InterruptedException {
        List<StreamRecord> all = new ArrayList<>();
        ShardCursor cursor = ShardCursor.atOldest(client, STREAM.shard(shard));
        for (List<StreamRecord> next = cursor.next(100); !next.isEmpty(); next = cursor.next(100)) {
            all.addAll(next);
        }
        return all;
    }

    /** The configuration as its text. */
    public String yaml() {
        return """
               mirror: %s
               v3io:
                 endpoint: %s
                 access-key-file: %s
               kafka:
                 bootstrap-servers: %s
                 state-topic: %s
               job:
                 commit-interval: 200 ms
                 checkpoint-interval: 500 ms
                 parallelism: 2
               streams:
                 - stream: %s
                   topic: %s
               """
                .formatted(
                        mirror,
                        streams.endpoint(),
                        keyFile,
                        broker.address(),
                        stateTopic,
                        STREAM,
                        topic);
    }

    /** The configuration file of this migration, read. */
    public MigrationConfig config() {
        return ConfigFile.parse(yaml());
    }

    /** All committed records of the topic, by partition, when no transaction is open any more. */
    public List<List<ConsumerRecord<byte[], byte[]>>> committed() {
        List<List<ConsumerRecord<byte[], byte[]>>> all = new ArrayList<>();
        try (Consumer<byte[], byte[]> consumer = consumer("read_committed")) {
            List<TopicPartition> partitions = partitions(consumer);
            partitions.forEach(partition -> all.add(new ArrayList<>()));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = settledEnds(consumer, partitions);
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    all.get(record.partition()).add(record);
                }
            }
        }
        return all;
    }

    /**
     * The offsets after everything that is written, when all of it can be read. A commit is
     * acknowledged before the partitions have learnt of it.
     */
    private Map<TopicPartition, Long> settledEnds(
            Consumer<byte[], byte[]> committed, List<TopicPartition> partitions) {
        try (Consumer<byte[], byte[]> all = consumer("read_uncommitted")) {
            Map<TopicPartition, Long> ends = all.endOffsets(partitions);
            Awaitility.await("the transactions of " + topic + " end")
                    .atMost(Duration.ofMinutes(1))
                    .until(
                            () ->
                                    committed.endOffsets(partitions).entrySet().stream()
                                            .allMatch(
                                                    end ->
                                                            end.getValue()
                                                                    >= ends.get(end.getKey())));
            return ends;
        }
    }

    /** How many partitions the topic has at this moment. */
    public int partitionCount() {
        try (Consumer<byte[], byte[]> consumer = consumer("read_committed")) {
            return partitions(consumer).size();
        }
    }

    /** The offsets after what can be read of each partition at this moment, added up. */
    public long committedOffsets() {
        try (Consumer<byte[], byte[]> consumer = consumer("read_committed")) {
            return consumer.endOffsets(partitions(consumer)).values().stream()
                    .mapToLong(end -> end)
                    .sum();
        }
    }

    /** The offset after what can be read of a partition at this moment. */
    public long committedOffset(int partition) {
        try (Consumer<byte[], byte[]> consumer = consumer("read_committed")) {
            return consumer.endOffsets(List.of(partition(partition))).get(partition(partition));
        }
    }

    /** The offset after all of a partition, when no transaction is open any more. */
    public long endOffset(int partition) {
        try (Consumer<byte[], byte[]> consumer = consumer("read_committed")) {
            return settledEnds(consumer, List.of(partition(partition))).get(partition(partition));
        }
    }

    private Consumer<byte[], byte[]> consumer(String isolationLevel) {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", broker.address(), "isolation.level", isolationLevel),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }

    private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer) {
        return IntStream.range(0, consumer.partitionsFor(topic).size())
                .mapToObj(this::partition)
                .toList();
    }

    /** The data of all committed records, by partition. */
    public List<List<String>> committedData() {
        return committed().stream()
                .map(
                        partition ->
                                partition.stream()
                                        .map(record -> new String(record.value(), UTF_8))
                                        .toList())
                .toList();
    }

    @Override
    public void close() {
        if (ownsEmulator) {
            streams.close();
        }
        try {
            Files.delete(keyFile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
