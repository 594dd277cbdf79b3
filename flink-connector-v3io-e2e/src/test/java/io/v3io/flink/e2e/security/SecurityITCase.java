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

package io.v3io.flink.e2e.security;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.e2e.cluster.FlinkCluster;
import io.v3io.flink.e2e.cluster.FlinkRest;
import io.v3io.flink.e2e.cluster.FlinkRest.JobRun;
import io.v3io.flink.e2e.cluster.StreamContent;
import io.v3io.flink.e2e.jobs.CopyJob;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Jobs of a user's jar on a cluster of processes: where their access keys are not, whom they trust,
 * and what they do when a key expires. The servers are in this process.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.Random.class)
class SecurityITCase {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Path DIRECTORY =
            Path.of("target", "clusters", "security").toAbsolutePath().normalize();
    private static final Path FLINK = DIRECTORY.resolve("flink");

    // Each is searched for, so each is different.
    private static final String KEY_OF_ENVIRONMENT = "canary-env-6f1d0c9a7b";
    private static final String KEY_OF_FILE = "canary-file-83b2e5d41c";
    private static final String INLINE_KEY = "canary-inline-27c94ae6f0";
    private static final String WRONG_KEY = "canary-wrong-d05b8f3e92";

    private static FlinkCluster cluster;
    private static V3ioEmulator emulator;
    private static V3ioEmulator tlsEmulator;
    private static Certificates certificates;
    private static String jar;

    @BeforeAll
    static void startAll() throws Exception {
        Files.createDirectories(DIRECTORY.resolve("stores"));
        for (String store : List.of("server.p12", "trusted.p12")) {
            Files.deleteIfExists(DIRECTORY.resolve("stores").resolve(store));
        }
        // Of this address, and of no name.
        certificates = new Certificates(DIRECTORY.resolve("stores"), "ip:127.0.0.1");
        emulator = V3ioEmulator.builder().port(0).start();
        emulator.acceptAccessKeys(KEY_OF_ENVIRONMENT, KEY_OF_FILE, INLINE_KEY);
        tlsEmulator = V3ioEmulator.builder().port(0).tls(certificates.server()).start();
        cluster =
                FlinkCluster.builder(FLINK)
                        .setSlots(8)
                        .setHighAvailability(true)
                        .setOption("execution.checkpointing.interval", "500 ms")
                        .setEnvironment("V3IO_ACCESS_KEY", KEY_OF_ENVIRONMENT)
                        .start();
        logAll();
        jar = cluster.rest().upload(Path.of(System.getProperty("v3io.e2e.jobs.jar")));
    }

    /** At the levels at which most is told. */
    private static void logAll() throws Exception {
        Path file = FLINK.resolve("conf/log4j.properties");
        Files.writeString(
                file,
                Files.readString(file)
                        .replace("rootLogger.level = INFO", "rootLogger.level = DEBUG")
                        .concat("logger.v3io.name = io.v3io\nlogger.v3io.level = TRACE\n"));
        cluster.restartJobManager();
        cluster.taskManager(0).restart();
    }

    @AfterAll
    static void endAll() throws Exception {
        try (V3ioEmulator plain = emulator;
                V3ioEmulator secure = tlsEmulator;
                FlinkCluster processes = cluster) {
            // Closed in the other order, each whatever becomes of the others.
        }
    }

    @Test
    void anAccessKeyOfTheEnvironmentIsInNoFileAndInNoAnswer() throws Exception {
        assertKeyIsNowhere("environment", KEY_OF_ENVIRONMENT);
    }

    @Test
    void anAccessKeyOfAFileIsInNoOtherFileAndInNoAnswer() throws Exception {
        Path file = keyFile("canary", KEY_OF_FILE);
        assertKeyIsNowhere("file", KEY_OF_FILE, "--access-key-file", file.toString());
    }

    private static void assertKeyIsNowhere(String name, String key, String... options)
            throws Exception {
        FlinkRest rest = cluster.rest();
        try (V3ioClient client = client(KEY_OF_FILE).build()) {
            Streams streams = streams(client, name);
            put(client, streams.from(), 0, 100);
            String job = rest.submit(jar, copy(emulator.endpoint(), streams, options));
            awaitCopied(client, streams, 0, 100);
            rest.awaitMoreCheckpoints(job, 1, SOON);
            rest.savepoint(job, cluster.savepoints(), SOON);

            Map<String, String> pages = SecretSearch.pages(rest, job);
            assertThat(SecretSearch.inRest(pages, key)).isEmpty();
            assertThat(SecretSearch.inFiles(FLINK, key)).isEmpty();
            rest.cancel(job, SOON);
        }
    }

    /** That the others find nothing shows something only if this finds what is there. */
    @Test
    void anAccessKeyGivenInlineIsFoundWhereverTheJobIsWrittenDown() throws Exception {
        FlinkRest rest = cluster.rest();
        try (V3ioClient client = client(INLINE_KEY).build()) {
            Streams streams = streams(client, "inline");
            put(client, streams.from(), 0, 100);
            String job =
                    rest.submit(
                            jar, copy(emulator.endpoint(), streams, "--access-key", INLINE_KEY));
            awaitCopied(client, streams, 0, 100);

            Map<String, String> pages = SecretSearch.pages(rest, job);
            assertThat(SecretSearch.inRest(pages, INLINE_KEY)).contains("/jobs/" + job + "/config");
            assertThat(SecretSearch.inFiles(FLINK, INLINE_KEY))
                    .anyMatch(file -> file.startsWith(FLINK.resolve("ha")));
            assertThat(pages)
                    .as("what is searched is all there")
                    .containsKeys("/jobs/" + job + "/plan", "/jobmanager/environment")
                    .hasSizeGreaterThan(50);
            assertThat(Files.readString(cluster.logs().resolve("taskmanager-0.log")))
                    .as("the logs are at their most talkative")
                    .contains("DEBUG");
            rest.cancel(job, SOON);
        }
    }

    @Test
    void anAccessKeyThatIsRefusedIsInNoException() throws Exception {
        FlinkRest rest = cluster.rest();
        try (V3ioClient client = client(KEY_OF_FILE).build()) {
            Streams streams = streams(client, "refused");
            Path file = keyFile("wrong", WRONG_KEY);
            String job =
                    rest.submit(
                            jar,
                            copy(
                                    emulator.endpoint(),
                                    streams,
                                    "--access-key-file",
                                    file.toString()));

            assertThat(awaitException(job, "the access key in file " + file))
                    .contains("status 403");
            Map<String, String> pages = SecretSearch.pages(rest, job);
            assertThat(SecretSearch.inRest(pages, WRONG_KEY)).isEmpty();
            assertThat(SecretSearch.inFiles(FLINK, WRONG_KEY)).isEmpty();
            rest.cancel(job, SOON);
        }
    }

    @Test
    void aJobTrustsAServerByACertificateAuthorityOfItsOwn() throws Exception {
        try (V3ioClient client = tlsClient().build()) {
            Streams streams = streams(client, "trusted");
            put(client, streams.from(), 0, 100);
            String job = cluster.rest().submit(jar, tlsCopy(tlsEmulator.endpoint(), streams));

            awaitCopied(client, streams, 0, 100);
            assertThat(restarts(job)).isZero();
            assertThat(
                            SecretSearch.inRest(
                                    SecretSearch.pages(cluster.rest(), job), Certificates.PASSWORD))
                    .isEmpty();
            cluster.rest().cancel(job, SOON);
        }
    }

    @Test
    void aJobRefusesAServerWhoseCertificateIsForAnotherHost() throws Exception {
        try (V3ioClient client = tlsClient().build()) {
            Streams streams = streams(client, "other-host");
            String byName = tlsEmulator.endpoint().replace("127.0.0.1", "localhost");
            String job = cluster.rest().submit(jar, tlsCopy(byName, streams));

            assertThat(awaitException(job, "the server's TLS certificate is not trusted"))
                    .contains("localhost");
            cluster.rest().cancel(job, SOON);
        }
    }

    @Test
    void aJobRefusesAServerThatNobodyVouchesFor() throws Exception {
        try (V3ioClient client = tlsClient().build()) {
            Streams streams = streams(client, "untrusted");
            String job = cluster.rest().submit(jar, copy(tlsEmulator.endpoint(), streams));

            awaitException(job, "the server's TLS certificate is not trusted");
            cluster.rest().cancel(job, SOON);
        }
    }

    @Test
    void aJobGoesOnWithoutARestartWhenItsAccessKeyExpires() throws Exception {
        FlinkRest rest = cluster.rest();
        try (V3ioEmulator rotating = V3ioEmulator.builder().port(0).start();
                V3ioClient first = client("old").setEndpoint(rotating.endpoint()).build();
                V3ioClient second = client("new").setEndpoint(rotating.endpoint()).build()) {
            rotating.acceptAccessKeys("old");
            Streams streams = streams(first, "rotated");
            Path file = keyFile("rotated", "old");
            put(first, streams.from(), 0, 100);
            String job =
                    rest.submit(
                            jar,
                            copy(
                                    rotating.endpoint(),
                                    streams,
                                    "--access-key-file",
                                    file.toString()));
            awaitCopied(first, streams, 0, 100);

            rotating.acceptAccessKeys("old", "new");
            put(first, streams.from(), 100, 200);
            replace(file, "new");
            rotating.acceptAccessKeys("new");
            put(second, streams.from(), 200, 300);

            awaitCopied(second, streams, 0, 300);
            rest.awaitMoreCheckpoints(job, 1, SOON);
            assertThat(restarts(job)).isZero();
            assertThat(rest.rootException(job)).isEqualTo("none");
            rest.cancel(job, SOON);
        }
    }

    private record Streams(StreamPath from, StreamPath to) {}

    private static V3ioClientBuilder client(String key) {
        return V3ioClient.builder().setEndpoint(emulator.endpoint()).setAccessKey(key);
    }

    private static V3ioClientBuilder tlsClient() {
        return client(KEY_OF_FILE)
                .setEndpoint(tlsEmulator.endpoint())
                .setTrustStore(certificates.trustStore(), Certificates.PASSWORD);
    }

    private static Streams streams(V3ioClient client, String name) {
        StreamPath from = StreamPath.parse("users/e2e/" + name + "-from");
        StreamPath to = StreamPath.parse("users/e2e/" + name + "-to");
        client.createStream(from, 3, 24).join();
        client.createStream(to, 2, 24).join();
        return new Streams(from, to);
    }

    private static Path keyFile(String name, String key) throws Exception {
        return Files.writeString(DIRECTORY.resolve(name + "-key"), key);
    }

    /** As whoever rotates keys should do it: nobody sees half a key. */
    private static void replace(Path file, String key) throws Exception {
        Path next = Files.writeString(file.resolveSibling(file.getFileName() + "-next"), key);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private static JobRun copy(String endpoint, Streams streams, String... more) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("--endpoint", endpoint));
        arguments.addAll(List.of("--stream", streams.from().toString()));
        arguments.addAll(List.of("--output", streams.to().toString()));
        arguments.addAll(List.of(more));
        return JobRun.of(CopyJob.class, arguments.toArray(new String[0]));
    }

    private static JobRun tlsCopy(String endpoint, Streams streams) {
        return copy(
                endpoint,
                streams,
                "--trust-store",
                certificates.trustStore().toString(),
                "--trust-store-password",
                Certificates.PASSWORD);
    }

    private static void put(V3ioClient client, StreamPath stream, int from, int to) {
        List<PutRecord> records =
                numbers(from, to).stream()
                        .map(text -> PutRecord.of(text.getBytes(UTF_8)).withPartitionKey(text))
                        .toList();
        assertThat(client.putRecords(stream, records).join())
                .allMatch(result -> result instanceof PutResult.Stored);
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(number -> "record-" + number).toList();
    }

    /** Each once: none of these jobs is restarted. */
    private static void awaitCopied(V3ioClient client, Streams streams, int from, int to) {
        await("all is in " + streams.to())
                .atMost(SOON)
                .untilAsserted(
                        () ->
                                assertThat(StreamContent.read(client, streams.to()))
                                        .extracting(record -> new String(record.data(), UTF_8))
                                        .containsExactlyInAnyOrderElementsOf(numbers(from, to)));
    }

    private static String awaitException(String job, String text) {
        return await("an exception that says '" + text + "'")
                .atMost(SOON)
                .until(() -> cluster.rest().rootException(job), root -> root.contains(text));
    }

    private static int restarts(String job) {
        String metric = "/jobs/" + job + "/metrics?get=numRestarts";
        return await("the metric numRestarts")
                .atMost(SOON)
                .until(
                        () -> cluster.rest().get(metric).path(0).path("value").asInt(-1),
                        n -> n >= 0);
    }
}
