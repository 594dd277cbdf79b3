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

package io.v3io.flink.examples;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.kafka.config.ConfigFile;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.mirror.Mirror;
import io.v3io.flink.kafka.testing.KafkaBroker;
import io.v3io.flink.kafka.translate.GroupTranslation;
import io.v3io.flink.kafka.translate.Translator;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * The steps of docs/leaving-v3io.md for a Flink job: no word is counted twice, none is left out.
 */
@Timeout(180)
class LeavingV3ioITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final StreamPath STREAM = StreamPath.parse("users/me/words");
    private static final String GROUP = "counts";
    private static final Duration SOON = Duration.ofSeconds(60);

    /** What the sinks of this JVM have got. */
    private static final Queue<String> COUNTS = new ConcurrentLinkedQueue<>();

    private static final AtomicInteger TOPICS = new AtomicInteger();

    private static KafkaBroker broker;

    @TempDir private Path folder;
    private final String topic = "words-" + TOPICS.incrementAndGet();
    private final EmulatedStreams streams = PLATFORM.start();
    private final V3ioEmulator emulator = streams.emulator();
    private final V3ioClient client = streams.client();

    @BeforeAll
    static void startBroker(@TempDir Path brokerFolder) throws Exception {
        broker = KafkaBroker.start(brokerFolder);
    }

    @AfterAll
    static void endBroker() throws Exception {
        broker.close();
    }

    @BeforeEach
    void start() {
        COUNTS.clear();
        client.createStream(STREAM, 3, 24).join();
    }

    @Test
    void aSourceThatReadsV3ioToItsEndGoesOnWithKafka() throws Exception {
        put("one", "two", "two", "three", "three", "three");
        mirrorToEnd();
        translate(true);

        JobClient job = execute(LeavingV3io.From.HYBRID, null);
        awaitCounts("one 1", "two 1", "two 2", "three 1", "three 2", "three 3");
        send("one", "two", "four");

        awaitCounts(
                "one 1", "two 1", "two 2", "three 1", "three 2", "three 3", "one 2", "two 3",
                "four 1");
        cancel(job);
    }

    @Test
    void aJobIsMovedByItsState() throws Exception {
        put("one", "two", "two");
        JobClient onV3io = execute(LeavingV3io.From.V3IO, null);
        put("three");
        awaitCounts("one 1", "two 1", "two 2", "three 1");
        Awaitility.await("the job has committed the end of the stream")
                .atMost(SOON)
                .until(
                        () ->
                                client.newestSequenceNumbers(STREAM).join().entrySet().stream()
                                        .allMatch(
                                                newest ->
                                                        client.getCommittedSequenceNumber(
                                                                                newest.getKey(),
                                                                                GROUP)
                                                                        .join()
                                                                        .orElse(0)
                                                                == newest.getValue()));
        String savepoint =
                onV3io.stopWithSavepoint(
                                false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get();
        mirrorToEnd();
        translate(false);

        JobClient onKafka = execute(LeavingV3io.From.KAFKA, savepoint);
        send("one", "two", "four");

        awaitCounts("one 1", "two 1", "two 2", "three 1", "one 2", "two 3", "four 1");
        cancel(onKafka);
    }

    private JobClient execute(LeavingV3io.From from, String savepoint) throws Exception {
        LeavingV3io example = new LeavingV3io();
        example.from = from;
        example.stream = STREAM.toString();
        example.group = GROUP;
        example.bootstrapServers = broker.address();
        example.topic = topic;
        example.platform = new Platform(emulator);
        Configuration settings = new Configuration();
        settings.setString("execution.checkpointing.interval", "200 ms");
        if (savepoint != null) {
            settings.setString("execution.state-recovery.path", savepoint);
            settings.setString("execution.state-recovery.ignore-unclaimed-state", "true");
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(2, settings);
        var unused = example.counts(env).sinkTo(new Collecting());
        JobClient job = env.executeAsync();
        Awaitility.await("the job runs")
                .atMost(SOON)
                .until(() -> job.getJobStatus().get().name().equals("RUNNING"));
        return job;
    }

    private static void cancel(JobClient job) throws Exception {
        job.cancel().get();
        assertThatThrownBy(() -> job.getJobExecutionResult().get())
                .hasRootCauseInstanceOf(JobCancellationException.class);
    }

    private static void awaitCounts(String... counts) {
        Awaitility.await("all words are counted")
                .atMost(SOON)
                .until(() -> COUNTS.size() >= counts.length);
        assertThat(COUNTS).containsExactlyInAnyOrder(counts);
    }

    private void put(String... words) {
        List<PutRecord> records = new ArrayList<>();
        for (String word : words) {
            records.add(PutRecord.of(word.getBytes(UTF_8)).withPartitionKey(word));
        }
        assertThat(client.putRecords(STREAM, records).join())
                .allMatch(result -> result instanceof PutResult.Stored);
    }

    /** As the new writers do. */
    private void send(String... words) {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(
                        Map.of("bootstrap.servers", broker.address()),
                        new StringSerializer(),
                        new StringSerializer())) {
            for (String word : words) {
                var unused = producer.send(new ProducerRecord<>(topic, word, word));
            }
        }
    }

    private MigrationConfig config() throws Exception {
        Path key = folder.resolve("key");
        Files.writeString(key, "example");
        return ConfigFile.parse(
                """
                mirror: %s
                v3io:
                  endpoint: %s
                  access-key-file: %s
                kafka:
                  bootstrap-servers: %s
                  state-topic: %s-state
                job:
                  commit-interval: 200 ms
                  checkpoint-interval: 500 ms
                streams:
                  - stream: %s
                    topic: %s
                    groups:
                      %s:
                """
                        .formatted(
                                topic,
                                emulator.endpoint(),
                                key,
                                broker.address(),
                                topic,
                                STREAM,
                                topic,
                                GROUP));
    }

    private void mirrorToEnd() throws Exception {
        Mirror mirror = new Mirror(config());
        assertThat(mirror.prepare()).isEmpty();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(2);
        var unused = mirror.start(env, true).getJobExecutionResult().get();
        mirror.ended();
    }

    private void translate(boolean toEnd) throws Exception {
        for (GroupTranslation group : new Translator(config()).translate(toEnd, true, false)) {
            assertThat(group.errors()).isEmpty();
            assertThat(group.refusals()).isEmpty();
            assertThat(group.committed()).isTrue();
        }
    }

    /** Collects in this JVM. */
    private static final class Collecting implements Sink<String> {

        private static final long serialVersionUID = 1L;

        @Override
        public SinkWriter<String> createWriter(WriterInitContext context) {
            return new SinkWriter<>() {
                @Override
                public void write(String count, Context context) {
                    COUNTS.add(count);
                }

                @Override
                public void flush(boolean endOfInput) {}

                @Override
                public void close() {}
            };
        }
    }
}
