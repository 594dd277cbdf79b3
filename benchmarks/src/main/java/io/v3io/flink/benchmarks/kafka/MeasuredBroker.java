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

import io.v3io.flink.benchmarks.measure.JavaProcess;
import io.v3io.flink.benchmarks.measure.Pause;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArraySerializer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * A Kafka broker in a process of its own, with its own controller and a folder that goes with it.
 */
final class MeasuredBroker implements AutoCloseable {

    private static final int PAYLOADS = 1_024;
    private static final int KEYS = 64;

    private final Path folder;
    private final JavaProcess process;
    private final String bootstrapServers;

    private MeasuredBroker(Path folder, JavaProcess process, String bootstrapServers) {
        this.folder = folder;
        this.process = process;
        this.bootstrapServers = bootstrapServers;
    }

    static MeasuredBroker start() throws Exception {
        Path folder = Files.createTempDirectory("bench-kafka");
        String broker = "127.0.0.1:" + freePort();
        String controller = "127.0.0.1:" + freePort();
        Path settings = folder.resolve("server.properties");
        Files.writeString(
                settings,
                String.join(
                        "\n",
                        "process.roles=broker,controller",
                        "node.id=1",
                        "controller.quorum.voters=1@" + controller,
                        "listeners=PLAINTEXT://" + broker + ",CONTROLLER://" + controller,
                        "advertised.listeners=PLAINTEXT://" + broker,
                        "controller.listener.names=CONTROLLER",
                        "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
                        "offsets.topic.replication.factor=1",
                        "transaction.state.log.replication.factor=1",
                        "transaction.state.log.min.isr=1",
                        // A topic that is deleted makes room for the next one.
                        "log.segment.delete.delay.ms=1000",
                        "log.dirs=" + folder.resolve("logs"),
                        ""));
        try (JavaProcess format =
                JavaProcess.start(
                        List.of(),
                        "kafka.tools.StorageTool",
                        List.of(
                                "format",
                                "-t",
                                Uuid.randomUuid().toString(),
                                "-c",
                                settings.toString()))) {
            format.awaitSuccess();
        }
        JavaProcess process =
                JavaProcess.start(
                        List.of("-Xmx1g"),
                        MeasuredBrokerProcess.class,
                        List.of(settings.toString()));
        MeasuredBroker started = new MeasuredBroker(folder, process, broker);
        try {
            Pause.until(started::isReady, "the broker answers");
            return started;
        } catch (Exception e) {
            started.close();
            throw e;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private boolean isReady() throws InterruptedException {
        try (Admin admin = admin(Duration.ofSeconds(2))) {
            return !admin.describeCluster().nodes().get().isEmpty();
        } catch (ExecutionException | KafkaException e) {
            // Not yet; whoever waits gives up after a while.
            return false;
        }
    }

    private Admin admin(Duration timeout) {
        return Admin.create(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "default.api.timeout.ms",
                        String.valueOf(timeout.toMillis()),
                        "request.timeout.ms",
                        String.valueOf(timeout.toMillis())));
    }

    /** Where it keeps what it was filled with, while it runs. */
    Path folder() {
        return folder;
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    void create(String topic, int partitions) throws Exception {
        try (Admin admin = admin(Duration.ofMinutes(1))) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
        }
    }

    /** With its files, soon. */
    void delete(String topic) throws Exception {
        try (Admin admin = admin(Duration.ofMinutes(1))) {
            admin.deleteTopics(List.of(topic)).all().get();
        }
    }

    /** Records of a topic, with those that no consumer gets to see. */
    long records(String topic, int partitions) throws Exception {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
        }
        try (Admin admin = admin(Duration.ofMinutes(1))) {
            return admin.listOffsets(ends).all().get().values().stream()
                    .mapToLong(end -> end.offset())
                    .sum();
        }
    }

    /**
     * Makes a topic and fills it with random payloads, with the keys that our records have, too.
     */
    void fill(String topic, int partitions, int records, int recordBytes) throws Exception {
        create(topic, partitions);
        AtomicReference<Exception> failure = new AtomicReference<>();
        Random random = new Random(1);
        byte[][] payloads = new byte[PAYLOADS][recordBytes];
        for (byte[] payload : payloads) {
            random.nextBytes(payload);
        }
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(
                        Map.of(
                                "bootstrap.servers",
                                bootstrapServers,
                                "acks",
                                "1",
                                "linger.ms",
                                "5",
                                "batch.size",
                                "262144"),
                        new ByteArraySerializer(),
                        new ByteArraySerializer())) {
            for (int i = 0; i < records; i++) {
                var unused =
                        producer.send(
                                new ProducerRecord<>(
                                        topic,
                                        i % partitions,
                                        ("key-" + (10 + i % KEYS)).getBytes(UTF_8),
                                        payloads[i % PAYLOADS]),
                                (metadata, e) -> failure.compareAndSet(null, e));
            }
            producer.flush();
        }
        if (failure.get() != null) {
            throw failure.get();
        }
    }

    @Override
    public void close() throws Exception {
        process.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
