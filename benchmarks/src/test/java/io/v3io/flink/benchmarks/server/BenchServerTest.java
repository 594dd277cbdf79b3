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

package io.v3io.flink.benchmarks.server;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class BenchServerTest {

    private static final StreamPath STREAM = StreamPath.parse("bench/stream");
    private static final PutRecord RECORD = PutRecord.of(new byte[10]).withPartitionKey("key-10");

    @Test
    void aShardGoesOnForEverWithoutAGap() throws Exception {
        try (BenchServer server =
                        BenchServer.start(ServerSettings.standard().withRecords(100, 30));
                V3ioClient client = client(server)) {
            ShardId shard = STREAM.shard(0);
            Location location = client.seek(shard, SeekPosition.earliest()).join();
            List<Long> numbers = new ArrayList<>();
            // Beyond a carry from the last four digits of a number to those before.
            for (int i = 0; i < 400; i++) {
                RecordBatch batch = client.getRecords(shard, location, 1_000).join();
                assertThat(batch.records()).hasSize(30);
                batch.records().forEach(record -> numbers.add(record.sequenceNumber()));
                location = batch.nextLocation();
            }
            assertThat(numbers).doesNotHaveDuplicates().isSorted();
            assertThat(numbers.get(numbers.size() - 1) - numbers.get(0))
                    .isEqualTo(numbers.size() - 1);
        }
    }

    @Test
    void aSeekToANumberLeadsToThatRecord() throws Exception {
        try (BenchServer server =
                        BenchServer.start(ServerSettings.standard().withRecords(100, 30));
                V3ioClient client = client(server)) {
            ShardId shard = STREAM.shard(0);
            Location oldest = client.seek(shard, SeekPosition.earliest()).join();
            RecordBatch first = client.getRecords(shard, oldest, 30).join();
            long number = first.records().get(0).sequenceNumber() + 12_345;

            Location found = client.seek(shard, SeekPosition.sequenceNumber(number)).join();

            assertThat(client.getRecords(shard, found, 30).join().records())
                    .first()
                    .extracting(StreamRecord::sequenceNumber)
                    .isEqualTo(number);
        }
    }

    @Test
    void recordsWithTagsHaveATagOfTheirOwn() throws Exception {
        try (BenchServer server =
                        BenchServer.start(
                                ServerSettings.standard().withRecords(100, 30).withTags());
                V3ioClient client = client(server)) {
            ShardId shard = STREAM.shard(0);
            Location location = client.seek(shard, SeekPosition.earliest()).join();
            Set<ByteBuffer> tags = new HashSet<>();
            for (int i = 0; i < 200; i++) {
                RecordBatch batch = client.getRecords(shard, location, 1_000).join();
                for (StreamRecord record : batch.records()) {
                    assertThat(record.data()).hasSize(100);
                    assertThat(record.clientInfo()).hasSize(16);
                    tags.add(ByteBuffer.wrap(record.clientInfo()));
                }
                location = batch.nextLocation();
            }
            assertThat(tags).hasSize(200 * 30);
        }
    }

    @Test
    void anObjectIsThereUntilItIsDeleted() throws Exception {
        try (BenchServer server = BenchServer.start(ServerSettings.standard());
                V3ioClient client = client(server)) {
            byte[] large = new byte[3_000_000];
            new Random(1).nextBytes(large);
            client.putObject("bench", "staging/large", large).join();
            client.putObject("bench", "staging/empty", new byte[0]).join();

            assertThat(client.getObject("bench", "staging/large").join()).isEqualTo(large);
            assertThat(client.getObject("bench", "staging/empty").join()).isEmpty();
            client.deleteObject("bench", "staging/large").join();
            assertThatThrownBy(() -> client.getObject("bench", "staging/large").join())
                    .hasMessageContaining("No such object");
        }
    }

    @Test
    void aLimitBelowItsOwnIsKept() throws Exception {
        try (BenchServer server = BenchServer.start(ServerSettings.standard());
                V3ioClient client = client(server)) {
            ShardId shard = STREAM.shard(0);
            Location location = client.seek(shard, SeekPosition.earliest()).join();

            RecordBatch batch = client.getRecords(shard, location, 7).join();

            assertThat(batch.records())
                    .hasSize(7)
                    .extracting(StreamRecord::data)
                    .allSatisfy(data -> assertThat(data).hasSize(1_024));
        }
    }

    @Test
    void everyRecordOfAPutIsAnsweredAndCounted() throws Exception {
        ServerSettings settings =
                ServerSettings.standard()
                        .withPutRecordBytes(Math.toIntExact(RECORD.encodedSizeBytes()));
        try (ServerProcess server = ServerProcess.start(settings);
                V3ioClient client =
                        V3ioClient.builder()
                                .setEndpoint(server.endpoint())
                                .setAccessKey("any")
                                .build()) {
            for (int records : new int[] {1, 32, 1_000, 32}) {
                List<PutResult> results =
                        client.putRecords(STREAM, Collections.nCopies(records, RECORD)).join();
                assertThat(results)
                        .hasSize(records)
                        .allMatch(result -> result instanceof PutResult.Stored);
            }

            assertThat(server.statistics().putRequests())
                    .containsEntry(1, 1L)
                    .containsEntry(32, 2L)
                    .containsEntry(1_000, 1L)
                    .hasSize(3);
            assertThat(server.statistics().records()).isEqualTo(1_065);
            assertThat(server.statistics().cpuNanos()).isPositive();
        }
    }

    @Test
    void anAnswerComesAfterTheDelay() throws Exception {
        Duration delay = Duration.ofMillis(30);
        try (BenchServer server =
                        BenchServer.start(
                                ServerSettings.standard().withShards(5).withDelay(delay));
                V3ioClient client = client(server)) {
            long start = System.nanoTime();
            StreamDescription description = client.describeStream(STREAM).join();

            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(delay.toNanos());
            assertThat(description.shardCount()).isEqualTo(5);
        }
    }

    private static V3ioClient client(BenchServer server) {
        return V3ioClient.builder()
                .setEndpoint("http://127.0.0.1:" + server.port())
                .setAccessKey("any")
                .build();
    }
}
