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

package io.v3io.flink.kafka;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.emulator.Operation;
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.testing.CommandRun;
import io.v3io.flink.kafka.testing.Migration;
import io.v3io.flink.kafka.testing.SharedBroker;
import io.v3io.flink.kafka.topic.KafkaAccess;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(120)
class TranslateITCase {

    private Migration migration;
    private String kafkaGroup;
    private String yaml;

    @BeforeEach
    void start() throws Exception {
        migration = Migration.start().createStream(3);
        kafkaGroup = SharedBroker.newName("billing");
        yaml = migration.yaml() + "    groups:\n      billing: " + kafkaGroup + "\n";
        migration.createTopic(3, Map.of());
        KafkaAccess access = new KafkaAccess(migration.config().kafka());
        try (Admin admin = access.admin()) {
            new StateTopic(access).create(admin);
        }
        RecordFormat format = new RecordFormat(migration.config().streams().get(0), 3);
        try (Producer<byte[], byte[]> producer =
                access.producer(Map.of("transactional.id", migration.topic()))) {
            producer.initTransactions();
            // In several transactions, so that offsets and numbers differ.
            for (int i = 0; i < 3; i++) {
                migration.put(0, "a", i * 20, 20);
                migration.put(1, "b", i * 20, 20);
                producer.beginTransaction();
                for (int shard = 0; shard < 2; shard++) {
                    for (StreamRecord record :
                            migration.records(shard).subList(i * 20, i * 20 + 20)) {
                        var unused = producer.send(format.toKafka(new ShardRecord(0, record)));
                    }
                }
                producer.commitTransaction();
            }
        }
    }

    @AfterEach
    void end() {
        migration.close();
    }

    private void processed(int shard, long number) {
        migration
                .client()
                .commitSequenceNumber(Migration.STREAM.shard(shard), "billing", number)
                .join();
    }

    /** The first record of each partition that a member of the group would get. */
    private Map<Integer, String> next() {
        Map<Integer, String> next = new TreeMap<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                SharedBroker.get().address(),
                                "group.id",
                                kafkaGroup,
                                "isolation.level",
                                "read_committed",
                                "enable.auto.commit",
                                "false",
                                "auto.offset.reset",
                                "none"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            List<TopicPartition> partitions =
                    List.of(migration.partition(0), migration.partition(1), migration.partition(2));
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            consumer.assign(partitions);
            while (partitions.stream()
                    .anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                for (ConsumerRecord<String, String> record :
                        consumer.poll(Duration.ofMillis(100))) {
                    next.putIfAbsent(record.partition(), record.value());
                }
            }
        }
        return next;
    }

    @Test
    void aGroupGoesOnWithTheRecordAfterTheLastOneThatItHasProcessed() throws Exception {
        // In the middle of a transaction, and at the end of one.
        processed(0, 7);
        processed(1, 40);

        CommandRun dry = CommandLines.run(yaml, "translate");
        assertThat(dry.code()).as(dry.out() + dry.err()).isZero();
        assertThat(dry.out()).contains("nothing is committed; add --commit.");

        CommandRun committed = CommandLines.run(yaml, "translate", "--commit");
        assertThat(committed.code()).as(committed.out() + committed.err()).isZero();
        assertThat(committed.out()).contains("nothing committed: the oldest record");
        assertThat(next()).isEqualTo(Map.of(0, "a7", 1, "b40"));

        // Up to the end, and never back.
        processed(0, 60);
        assertThat(CommandLines.run(yaml, "translate", "--commit").code()).isZero();
        assertThat(next()).isEqualTo(Map.of(1, "b40"));
        processed(0, 8);
        CommandRun backwards = CommandLines.run(yaml, "translate", "--commit");
        assertThat(backwards.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(backwards.out()).contains("would make it process records again");
        assertThat(next()).isEqualTo(Map.of(1, "b40"));
        assertThat(CommandLines.run(yaml, "translate", "--commit", "--force").code()).isZero();
        assertThat(next()).isEqualTo(Map.of(0, "a8", 1, "b40"));
    }

    /** Nuclio's consumer does not ask for committed records only. */
    @Test
    void undoneRecordsAreLeftOutForThoseWhoWouldReadThem() throws Exception {
        long before = migration.endOffset(0);
        KafkaAccess access = new KafkaAccess(migration.config().kafka());
        RecordFormat format = new RecordFormat(migration.config().streams().get(0), 3);
        migration.put(0, "a", 60, 5);
        List<StreamRecord> records = migration.records(0).subList(60, 65);
        try (Producer<byte[], byte[]> producer =
                access.producer(Map.of("transactional.id", migration.topic()))) {
            producer.initTransactions();
            for (boolean commits : new boolean[] {false, true, false}) {
                producer.beginTransaction();
                for (StreamRecord record : records) {
                    var unused = producer.send(format.toKafka(new ShardRecord(0, record)));
                }
                producer.flush();
                if (commits) {
                    producer.commitTransaction();
                } else {
                    producer.abortTransaction();
                }
            }
        }

        processed(0, 60);
        assertThat(CommandLines.run(yaml, "translate", "--commit").code()).isZero();
        // Five that were undone, and the marker that says so.
        assertThat(offset(0)).isEqualTo(before + 6);

        processed(0, 65);
        assertThat(CommandLines.run(yaml, "translate", "--commit").code()).isZero();
        assertThat(offset(0)).isEqualTo(migration.endOffset(0));
    }

    /** Where the group is on Kafka. */
    private long offset(int partition) throws Exception {
        try (Admin admin = SharedBroker.get().admin()) {
            return admin.listConsumerGroupOffsets(kafkaGroup)
                    .partitionsToOffsetAndMetadata()
                    .get()
                    .get(migration.partition(partition))
                    .offset();
        }
    }

    @Test
    void everyNumberHasItsOffset() throws Exception {
        for (int number : new int[] {1, 2, 19, 20, 21, 39, 41, 59}) {
            processed(0, number);
            assertThat(CommandLines.run(yaml, "translate", "--commit", "--force").code()).isZero();
            assertThat(next()).containsEntry(0, "a" + number);
        }
    }

    @Test
    void aPositionBeyondTheCopyIsRefusedAndOneThatIsTooOldIsReported() throws Exception {
        migration.put(0, "a", 60, 5);
        processed(0, 65);
        CommandRun beyond = CommandLines.run(yaml, "translate", "--commit", "--force");
        assertThat(beyond.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(beyond.out())
                .contains("Record 65 of shard 0 is not copied yet")
                .contains("ends with record 60. Let the mirror catch up first.");

        processed(0, 3);
        try (Admin admin = SharedBroker.get().admin()) {
            var unused =
                    admin.deleteRecords(
                                    Map.of(
                                            migration.partition(0),
                                            RecordsToDelete.beforeOffset(10)))
                            .all()
                            .get();
        }
        CommandRun old = CommandLines.run(yaml, "translate", "--commit");
        assertThat(old.code()).as(old.out() + old.err()).isZero();
        assertThat(old.out()).contains("older than what Kafka has kept: the oldest record");
        String oldest = migration.committedData().get(0).get(0);
        assertThat(oldest).isNotEqualTo("a0").isNotEqualTo("a3");
        assertThat(next()).containsEntry(0, oldest);
    }

    @Test
    void whatKafkasRetentionHasRemovedWasCopied() throws Exception {
        processed(0, 60);
        processed(1, 40);
        migration.noteCopied(0, 60);
        migration.noteCopied(1, 60);
        migration.emptyPartition(0);
        migration.emptyPartition(1);

        CommandRun run = CommandLines.run(yaml, "translate", "--commit", "--json");

        assertThat(run.code()).as(run.out() + run.err()).isZero();
        long end = migration.endOffset(0);
        assertThat(run.out())
                .contains(
                        "{\"shard\":0,\"committed\":60,\"offset\":"
                                + end
                                + ",\"now\":null,\"note\":null}")
                .contains("older than what Kafka has kept");

        String other = yaml.replace("billing: ", "audit: ");
        assertThat(CommandLines.run(other, "translate").out())
                .contains("nothing committed: the oldest record that Kafka has kept");

        processed(0, 61);
        CommandRun beyond = CommandLines.run(yaml, "translate", "--commit");
        assertThat(beyond.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(beyond.out()).contains("ends with record 60. Let the mirror catch up first.");
    }

    @Test
    void aShardThatHasHadNoRecordHoldsNobodyUp() throws Exception {
        processed(0, 7);
        migration.client().updateStream(Migration.STREAM, 4).join();

        CommandRun grown = CommandLines.run(yaml, "translate", "--commit");
        assertThat(grown.code()).as(grown.out() + grown.err()).isZero();
        assertThat(next()).containsEntry(0, "a7");

        migration.put(3, "d", 0, 5);
        processed(3, 5);
        CommandRun behind = CommandLines.run(yaml, "translate", "--commit");
        assertThat(behind.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(behind.out()).contains("There is no partition " + migration.partition(3));
    }

    @Test
    void aGroupThatRunsOnKafkaIsLeftAlone() throws Exception {
        processed(0, 7);
        try (KafkaConsumer<String, String> member =
                new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                SharedBroker.get().address(),
                                "group.id",
                                kafkaGroup,
                                "enable.auto.commit",
                                "false",
                                "auto.offset.reset",
                                "earliest"),
                        new StringDeserializer(),
                        new StringDeserializer())) {
            member.subscribe(List.of(migration.topic()));
            while (member.assignment().isEmpty()) {
                var unused = member.poll(Duration.ofMillis(100));
            }

            String both = yaml + "      audit: " + SharedBroker.newName("audit") + "\n";
            CommandRun run = CommandLines.run(both, "translate", "--commit", "--force");

            assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.REFUSED);
            assertThat(run.out())
                    .contains("has members on Kafka")
                    .contains("Group billing: nothing is committed.")
                    .contains("Group audit: committed to group audit-");
        }
    }

    @Test
    void aMemberThatLivesOnV3ioIsNoticedWhateverItsClockSays() throws Exception {
        processed(0, 7);
        AtomicInteger beats = new AtomicInteger();
        ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
        try {
            heartbeat("2099-01-01T00:00:00Z");
            var unused =
                    heart.scheduleWithFixedDelay(
                            () ->
                                    heartbeat(
                                            "2099-01-01T00:00:00.%09dZ"
                                                    .formatted(beats.incrementAndGet())),
                            0,
                            100,
                            TimeUnit.MILLISECONDS);

            CommandRun dry = CommandLines.run(yaml, "translate");
            CommandRun refused = CommandLines.run(yaml, "translate", "--commit");

            assertThat(dry.code()).isEqualTo(ExitCode.REFUSED);
            assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
            assertThat(refused.out())
                    .contains("Group billing has members on V3IO that live (nuclio-1)")
                    .contains("--force does it");
            assertThat(CommandLines.run(yaml, "translate", "--commit", "--force").code()).isZero();
            assertThat(next()).containsEntry(0, "a7");
        } finally {
            heart.shutdownNow();
            assertThat(heart.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        }
    }

    private long itemsAskedForBy(String... command) throws IOException {
        long before = migration.emulator().requestCount(Operation.GET_ITEM);
        CommandRun run = CommandLines.run(yaml, command);
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        return migration.emulator().requestCount(Operation.GET_ITEM) - before;
    }

    @Test
    void aMemberThatHasDiedHoldsNobodyUp() throws Exception {
        processed(0, 7);
        long withoutMembers = itemsAskedForBy("translate", "--commit");

        heartbeat(Instant.now().toString());
        assertThat(itemsAskedForBy("translate", "--commit")).isGreaterThan(withoutMembers);

        processed(0, 9);
        heartbeat("2020-01-01T00:00:00.123456789+02:00");
        // Once: it did not wait to see whether the heartbeat changes.
        assertThat(itemsAskedForBy("translate", "--commit")).isEqualTo(withoutMembers);
        assertThat(next()).containsEntry(0, "a9");
    }

    /** As v3io-go writes it. */
    private void heartbeat(String time) {
        String state =
                "{\\\"schema_version\\\":\\\"0.0.1\\\",\\\"session_states\\\":[{\\\"member_id\\\":\\\"nuclio-1\\\","
                        + "\\\"last_heartbeat_time\\\":\\\""
                        + time
                        + "\\\",\\\"shards\\\":[0,1,2]}]}";
        HttpRequest request =
                HttpRequest.newBuilder(
                                URI.create(
                                        migration.emulator().endpoint()
                                                + "/"
                                                + Migration.STREAM
                                                + "/billing-state.json"))
                        .header("X-v3io-session-key", Migration.ACCESS_KEY)
                        .header("X-v3io-function", "PutItem")
                        .PUT(
                                HttpRequest.BodyPublishers.ofString(
                                        "{\"Item\": {\"state\": {\"S\": \""
                                                + state
                                                + "\"}}, \"UpdateMode\": \"CreateOrReplaceAttributes\"}"))
                        .build();
        HttpResponse<String> answer =
                HttpClient.newHttpClient()
                        .sendAsync(request, HttpResponse.BodyHandlers.ofString())
                        .join();
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void theEndIsTranslatedForThoseWhoHaveReadToIt() throws Exception {
        CommandRun run = CommandLines.run(yaml, "translate", "--to-end", "--commit");
        assertThat(run.code()).as(run.out() + run.err()).isZero();
        assertThat(next()).isEmpty();

        migration.put(0, "a", 60, 1);
        CommandRun tooEarly =
                CommandLines.run(yaml, "translate", "--to-end", "--commit", "--force");
        assertThat(tooEarly.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(tooEarly.out()).contains("Record 61 of shard 0 is not copied yet");
    }

    @Test
    void aTopicOfAnotherStreamOrMirrorIsRefused() throws Exception {
        StreamPath other = StreamPath.parse("users/me/returns");
        migration.client().createStream(other, 3, 24).join();
        migration
                .client()
                .putRecords(other, List.of(PutRecord.of(new byte[1]).withShardId(0)))
                .join();
        migration.client().commitSequenceNumber(other.shard(0), "billing", 1).join();
        String swapped = yaml.replace(Migration.STREAM.toString(), other.toString());
        CommandRun stream = CommandLines.run(swapped, "translate", "--commit", "--force");
        assertThat(stream.code()).as(stream.out()).isEqualTo(ExitCode.REFUSED);

        migration.noteOwner(Migration.STREAM.toString());
        for (String wrong :
                List.of(swapped, yaml.replace("mirror: mirror", "mirror: another-mirror"))) {
            CommandRun owner = CommandLines.run(wrong, "translate", "--commit", "--force");
            assertThat(owner.code()).as(owner.out()).isEqualTo(ExitCode.REFUSED);
            assertThat(owner.out()).contains("belongs to mirror 'mirror-");
            assertThat(CommandLines.run(wrong, "status").code()).isEqualTo(ExitCode.REFUSED);
            assertThat(CommandLines.run(wrong, "verify").code()).isEqualTo(ExitCode.REFUSED);
        }
        assertThat(CommandLines.run(yaml, "translate", "--commit").code()).isZero();
    }

    @Test
    void positionsInAStreamThatWasCreatedAgainAreRefused() throws Exception {
        migration.createStreamAgain(3);
        migration.put(0, "n", 0, 70);
        migration.put(1, "n", 0, 70);
        processed(0, 7);

        CommandRun run = CommandLines.run(yaml, "translate", "--commit", "--force");

        assertThat(run.code()).as(run.out()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.out())
                .contains("shard 1 was copied up to record 60")
                .contains("record 60 there arrived at another time");
    }

    @Test
    void partitionsWithoutAShardGetAnOffsetToo() throws Exception {
        processed(0, 7);
        try (Admin admin = SharedBroker.get().admin()) {
            var unused =
                    admin.createPartitions(Map.of(migration.topic(), NewPartitions.increaseTo(5)))
                            .all()
                            .get();

            CommandRun run = CommandLines.run(yaml, "translate", "--commit");

            assertThat(run.code()).as(run.out() + run.err()).isZero();
            assertThat(
                            admin.listConsumerGroupOffsets(kafkaGroup)
                                    .partitionsToOffsetAndMetadata()
                                    .get())
                    .hasSize(5);
        }
        assertThat(offset(4)).isZero();
    }

    @Test
    void whatIsNotCopiedYetIsSaid() throws Exception {
        processed(0, 7);
        migration.put(0, "a", 60, 5);

        CommandRun run = CommandLines.run(yaml, "translate", "--commit");

        assertThat(run.code()).as(run.out()).isZero();
        assertThat(run.out()).contains("5 records of stream users/me/orders are not copied yet");
    }

    @Test
    void whatWasCommittedIsToldWhateverFailsThen() throws Exception {
        processed(0, 7);
        String more =
                yaml + "  - stream: users/me/none\n    topic: none\n    groups:\n      audit:\n";

        CommandRun run = CommandLines.run(more, "translate", "--commit");

        assertThat(run.code()).as(run.err()).isEqualTo(ExitCode.REFUSED);
        assertThat(run.out())
                .contains("Group billing: committed to group " + kafkaGroup)
                .contains("Group audit could not be looked at")
                .contains("Group audit: nothing is committed.");
        assertThat(next()).containsEntry(0, "a7");
    }

    /** The last record is right; those before it are of another shard. */
    @Test
    void recordsOfAnotherShardAreNoPlace() throws Exception {
        processed(0, 7);
        try (Migration other = migration.withNewTopic()) {
            other.createTopic(3, Map.of());
            RecordFormat format = new RecordFormat(other.config().streams().get(0), 3);
            KafkaAccess access = new KafkaAccess(other.config().kafka());
            try (Producer<byte[], byte[]> producer = access.producer(Map.of())) {
                List<StreamRecord> records = new ArrayList<>(migration.records(1));
                records.add(migration.records(0).get(59));
                for (StreamRecord record : records) {
                    ProducerRecord<byte[], byte[]> copy =
                            format.toKafka(new ShardRecord(0, record));
                    var unused =
                            producer.send(
                                            new ProducerRecord<>(
                                                    other.topic(),
                                                    0,
                                                    copy.timestamp(),
                                                    copy.key(),
                                                    copy.value(),
                                                    copy.headers()))
                                    .get();
                }
            }
            String its = other.yaml() + "    groups:\n      billing: " + kafkaGroup + "\n";

            CommandRun run = CommandLines.run(its, "translate", "--commit", "--force");

            assertThat(run.code()).as(run.out()).isEqualTo(ExitCode.REFUSED);
            assertThat(run.out())
                    .contains("is not a copy of a record of shard 0 of stream users/me/orders");
        }
    }
}
