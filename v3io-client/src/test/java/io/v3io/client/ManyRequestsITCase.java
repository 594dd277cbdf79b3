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

package io.v3io.client;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.Clients;
import io.v3io.emulator.Fault;
import io.v3io.emulator.V3ioEmulator;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;

/** Far more requests at a time than there are connections, on a server that takes its time. */
class ManyRequestsITCase {

    private static final StreamPath STREAM = StreamPath.of("users", "me/words");
    private static final int SHARDS = 4_096;
    private static final Duration LATENCY = Duration.ofMillis(20);

    private V3ioEmulator emulator;

    @BeforeEach
    void start() {
        emulator = V3ioEmulator.builder().port(0).accessKey(Clients.KEY).latency(LATENCY).start();
    }

    @AfterEach
    void stop() {
        emulator.close();
    }

    @Test
    void readsThePositionsOfTheLargestStreamAtOnce() {
        try (V3ioClient client =
                Clients.builder(emulator.endpoint()).setMaxConnections(64).build()) {
            get(client.createStream(STREAM, SHARDS, 24));
            // Shards without a record do not exist yet; both kinds have to be answered.
            int born = 100;
            List<PutRecord> records = new ArrayList<>();
            for (int shard = 0; shard < born; shard++) {
                records.add(PutRecord.of(new byte[1]).withShardId(shard));
            }
            get(client.putRecords(STREAM, records));
            List<CompletableFuture<Void>> commits = new ArrayList<>();
            for (int shard = 0; shard < born; shard++) {
                commits.add(client.commitSequenceNumber(STREAM.shard(shard), "g", shard + 1));
            }
            commits.forEach(Clients::get);
            long before = client.metrics().requests();

            long start = System.nanoTime();
            List<CompletableFuture<OptionalLong>> positions = positions(client, SHARDS);
            for (int shard = 0; shard < SHARDS; shard++) {
                assertThat(get(positions.get(shard)))
                        .isEqualTo(
                                shard < born ? OptionalLong.of(shard + 1) : OptionalLong.empty());
            }
            Duration took = Duration.ofNanos(System.nanoTime() - start);

            // One after the other they would take 82 seconds, and on 64 connections some 1.3.
            assertThat(took).isLessThan(Duration.ofSeconds(20));
            assertThat(client.metrics().requests() - before).isEqualTo(SHARDS);
            assertThat(client.metrics().retries()).isZero();
            assertThat(client.metrics().failures()).isZero();
            assertThat(client.metrics().requestsInFlight()).isZero();
        }
    }

    @Test
    void waitingForAConnectionFailsNoRequestWhileTheOnesBeforeItAreAnswered() {
        Duration responseTimeout = Duration.ofSeconds(2);
        Duration connectTimeout = Duration.ofMillis(500);
        try (V3ioClient client =
                Clients.builder(emulator.endpoint())
                        .setMaxConnections(1)
                        .setConnectTimeout(connectTimeout)
                        .setResponseTimeout(responseTimeout)
                        .build()) {
            get(client.createStream(STREAM, SHARDS, 24));

            long start = System.nanoTime();
            positions(client, 250).forEach(Clients::get);

            // So long that a request which only looks at its own clock has given up.
            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isGreaterThan(responseTimeout.plus(connectTimeout.multipliedBy(2)));
            assertThat(client.metrics().requests()).isEqualTo(251);
            assertThat(client.metrics().failures()).isZero();
        }
    }

    @Test
    void theTimeOfARetryPolicyDoesNotRunWhileOthersHaveTheConnections() {
        RetryPolicy hasty =
                new RetryPolicy(
                        5, Duration.ofSeconds(2), Duration.ofMillis(1), Duration.ofMillis(2));
        try (V3ioClient client =
                Clients.builder(emulator.endpoint())
                        .setMaxConnections(1)
                        .setRetryPolicy(hasty)
                        .build()) {
            get(client.createStream(STREAM, SHARDS, 24));
            // The last of them, which have waited for longer than the policy's time.
            emulator.faults()
                    .add(
                            Fault.on(io.v3io.emulator.Operation.GET_ITEM)
                                    .respond(503, "text/html", "<html>")
                                    .skip(190)
                                    .times(10));

            positions(client, 200).forEach(Clients::get);

            assertThat(client.metrics().retries()).isEqualTo(10);
            assertThat(client.metrics().failures()).isZero();
        }
    }

    private static List<CompletableFuture<OptionalLong>> positions(V3ioClient client, int shards) {
        List<CompletableFuture<OptionalLong>> positions = new ArrayList<>(shards);
        for (int shard = 0; shard < shards; shard++) {
            ShardId id = STREAM.shard(shard);
            positions.add(client.getCommittedSequenceNumber(id, "g"));
        }
        return positions;
    }
}
