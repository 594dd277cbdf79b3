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

package io.v3io.flink.benchmarks.kafka;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.JavaProcess;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.measure.Turns;

import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * The CPU time of a process that copies records into a topic: v3io-to-kafka from V3IO, exactly
 * once, and MirrorMaker 2 from the topic that v3io-to-kafka has made, with what it does by default.
 */
public final class MirrorFigures {

    /** The class path of both; the command sets it. */
    private static final String CLASS_PATH = "bench.mirror.classpath";

    private static final String FLINK_FLAGS = "bench.flink.flags";

    private static final int ROUNDS = 3;
    private static final int SHARDS = 16;
    private static final int RECORD_BYTES = 1_024;
    private static final int RECORDS = 1_000_000;
    private static final int BATCH = 1_000;
    private static final int KEYS = 64;

    /** Those of them before the measurement, in which a new process warms up. */
    private static final int SKIPPED = 300_000;

    private static final int MEASURED = 650_000;
    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);
    private static final StreamPath STREAM = StreamPath.parse("users/bench/records");

    /** Both have two threads that do the work, as many as the machine has processors. */
    private static final List<String> HEAP = List.of("-Xms1g", "-Xmx1g");

    private final MeasuredBroker broker;
    private final String endpoint;
    private final Path folder;
    private int copies;

    private MirrorFigures(MeasuredBroker broker, String endpoint, Path folder) {
        this.broker = broker;
        this.endpoint = endpoint;
        this.folder = folder;
    }

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "mirror.cpu.per.gb",
                        "CPU seconds of the copying process per GB, 1 KiB records, 16 shards:"
                                + " v3io-to-kafka from V3IO / MirrorMaker 2 from a topic of the same broker",
                        Aim.atMost(1),
                        MirrorFigures::measure));
    }

    private static Reading measure(Run run) throws Exception {
        Path folder = Files.createTempDirectory("bench-mirror");
        Files.writeString(folder.resolve("key"), "bench");
        try (MeasuredBroker broker = MeasuredBroker.start();
                JavaProcess emulator =
                        JavaProcess.start(
                                List.of("-Xmx3g"),
                                "io.v3io.emulator.cli.Main",
                                List.of("--port", "0", "--access-key", "bench"))) {
            String endpoint = emulator.awaitLine("V3IO emulator listening on ");
            fill(endpoint);
            MirrorFigures figures = new MirrorFigures(broker, endpoint, folder);
            List<Double> perHour = new ArrayList<>();
            Turns turns =
                    Turns.measureAll(
                            ROUNDS,
                            () -> figures.v3ioToKafka(perHour),
                            () -> figures.mirrorMaker());
            run.tell("v3io-to-kafka, CPU milliseconds per GB", turns.ours().times(1_000));
            run.tell("MirrorMaker 2, CPU milliseconds per GB", turns.others().times(1_000));
            run.tell(
                    String.format(
                            Locale.ROOT,
                            "v3io-to-kafka: %.0f GB an hour",
                            perHour.stream().mapToDouble(gb -> gb).max().orElseThrow()));
            return Reading.of(turns.ratio());
        } finally {
            for (String file : List.of("key", "mirror.yaml", "mm2.properties")) {
                Files.deleteIfExists(folder.resolve(file));
            }
            Files.delete(folder);
        }
    }

    private static void fill(String endpoint) {
        Random random = new Random(1);
        byte[][] payloads = new byte[BATCH][RECORD_BYTES];
        for (byte[] payload : payloads) {
            random.nextBytes(payload);
        }
        try (V3ioClient client =
                V3ioClient.builder().setEndpoint(endpoint).setAccessKey("bench").build()) {
            client.createStream(STREAM, SHARDS, 24).join();
            for (int i = 0; i < RECORDS; i += BATCH) {
                List<PutRecord> records = new ArrayList<>();
                for (int j = 0; j < BATCH; j++) {
                    records.add(
                            PutRecord.of(payloads[j])
                                    .withShardId(j % SHARDS)
                                    .withPartitionKey("key-" + (10 + j % KEYS)));
                }
                var unused = client.putRecords(STREAM, records).join();
            }
        }
    }

    private double v3ioToKafka(List<Double> perHour) throws Exception {
        String topic = "mirror-" + copies++;
        Path config =
                Files.writeString(
                        folder.resolve("mirror.yaml"),
                        """
                        mirror: %s
                        v3io:
                          endpoint: %s
                          access-key-file: %s
                        kafka:
                          bootstrap-servers: %s
                          state-topic: %s-state
                        streams:
                          - stream: %s
                            topic: %s
                        """
                                .formatted(
                                        topic,
                                        endpoint,
                                        folder.resolve("key"),
                                        broker.bootstrapServers(),
                                        topic,
                                        STREAM,
                                        topic));
        List<String> flags = new ArrayList<>(HEAP);
        flags.addAll(List.of(System.getProperty(FLINK_FLAGS).trim().split(" +")));
        try (JavaProcess process =
                JavaProcess.start(
                        classPath(),
                        flags,
                        "io.v3io.flink.kafka.Main",
                        List.of("mirror", "--config", config.toString()))) {
            process.ignoreOutput();
            Copy copy = follow(process, topic);
            perHour.add(copy.gigabytes() / copy.seconds() * 3_600);
            return copy.cpuPerGigabyte();
        }
    }

    /** Copies what v3io-to-kafka has copied first. */
    private double mirrorMaker() throws Exception {
        String alias = "copy" + copies++;
        Path config =
                Files.writeString(
                        folder.resolve("mm2.properties"),
                        """
                        clusters = %1$s, there
                        %1$s.bootstrap.servers = %2$s
                        there.bootstrap.servers = %2$s
                        %1$s->there.enabled = true
                        there->%1$s.enabled = false
                        %1$s->there.topics = mirror-0
                        tasks.max = 2
                        replication.factor = 1
                        checkpoints.topic.replication.factor = 1
                        heartbeats.topic.replication.factor = 1
                        offset-syncs.topic.replication.factor = 1
                        offset.storage.replication.factor = 1
                        status.storage.replication.factor = 1
                        config.storage.replication.factor = 1
                        """
                                .formatted(alias, broker.bootstrapServers()));
        try (JavaProcess process =
                JavaProcess.start(
                        classPath(),
                        HEAP,
                        "org.apache.kafka.connect.mirror.MirrorMaker",
                        List.of(config.toString()))) {
            process.ignoreOutput();
            return follow(process, alias + ".mirror-0").cpuPerGigabyte();
        }
    }

    private static String classPath() throws IOException {
        String file = System.getProperty(CLASS_PATH);
        if (file == null) {
            throw new IOException("The system property " + CLASS_PATH + " is not set.");
        }
        return Files.readString(Path.of(file)).trim();
    }

    /** Between two counts of records that are in the topic, whether or not they are committed. */
    private Copy follow(JavaProcess process, String topic) throws Exception {
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(
                        Map.of("bootstrap.servers", broker.bootstrapServers()),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            List<TopicPartition> partitions =
                    IntStream.range(0, SHARDS).mapToObj(i -> new TopicPartition(topic, i)).toList();
            Pause.until(
                    () -> consumer.listTopics().getOrDefault(topic, List.of()).size() == SHARDS,
                    topic + " is made");
            Mark begin = mark(process, consumer, partitions, SKIPPED);
            Mark end = mark(process, consumer, partitions, SKIPPED + MEASURED);
            return new Copy(
                    end.cpuSeconds - begin.cpuSeconds,
                    (end.nanos - begin.nanos) / 1e9,
                    (end.records - begin.records) * (double) RECORD_BYTES / 1e9);
        }
    }

    private static Mark mark(
            JavaProcess process,
            Consumer<byte[], byte[]> consumer,
            List<TopicPartition> partitions,
            long records)
            throws Exception {
        long[] found = new long[1];
        Pause.until(
                () -> {
                    // The broker has enough to do.
                    Pause.of(LOOK_AGAIN);
                    found[0] =
                            consumer.endOffsets(partitions).values().stream()
                                    .mapToLong(end -> end)
                                    .sum();
                    return found[0] >= records;
                },
                records + " records are copied");
        return new Mark(found[0], process.cpuSeconds(), System.nanoTime());
    }

    private record Mark(long records, double cpuSeconds, long nanos) {}

    private record Copy(double cpuSeconds, double seconds, double gigabytes) {
        double cpuPerGigabyte() {
            return cpuSeconds / gigabytes;
        }
    }
}
