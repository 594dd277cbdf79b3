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

package io.v3io.flink.source;

import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Gate;
import io.v3io.flink.testing.ReportedMetrics;
import io.v3io.flink.testing.Savepoints;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.source.hybrid.HybridSource;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Through Flink's metric reporter: what a person on call sees. */
@Timeout(120)
class V3ioSourceMetricsITCase {

    private static final ReportedMetrics METRICS = new ReportedMetrics();

    @RegisterExtension
    static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 6, METRICS.configuration());

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;

    @BeforeEach
    void createStreams() {
        words = streams.create("users/me/words", 4);
    }

    @Test
    void everyMetricIsThereBeforeTheFirstRecordAndTrueAfterTheLast() throws Exception {
        JobClient job = start(source(), "open", 2, null);
        Gate.open("open");
        JobID id = job.getJobID();
        await().untilAsserted(() -> assertThat(values(id, "v3io.assignedShards")).hasSize(2));
        await().until(() -> METRICS.sum(id, "v3io.assignedShards") == 4);

        for (String reader :
                List.of(
                        "pendingRecords",
                        "numRecordsInErrors",
                        "v3io.bufferedBytes",
                        "v3io.dataLossEvents",
                        "v3io.commitsSucceeded",
                        "v3io.commitsFailed")) {
            assertThat(values(id, reader)).as(reader).containsExactly(0L, 0L);
        }
        assertThat(values(id, "currentFetchEventTimeLag")).containsExactly(-1L, -1L);
        // Of both readers and of the enumerator.
        assertThat(values(id, "v3io.retries")).hasSize(3);
        await().untilAsserted(
                        () ->
                                assertThat(values(id, "v3io.requests"))
                                        .hasSize(3)
                                        .allMatch(requests -> requests > 0));
        for (String shard :
                List.of("recordsBehindLatest", "millisBehindLatest", "currentSequenceNumber")) {
            assertThat(shardValue(id, 3, shard)).as(shard).isZero();
        }

        streams.put(words, 0, "a", 1_500);
        streams.put(words, 3, "d", 7);

        await().until(() -> shardValue(id, 0, "currentSequenceNumber") == 1_500);
        await().until(() -> shardValue(id, 3, "currentSequenceNumber") == 7);
        await().until(() -> METRICS.sum(id, "v3io.bufferedBytes") == 0);
        assertThat(METRICS.sum(id, "pendingRecords")).isZero();
        assertThat(METRICS.sum(id, "numBytesIn")).isGreaterThan(1_507 * 100);
        assertThat(values(id, "currentFetchEventTimeLag"))
                .anyMatch(lag -> lag >= 0 && lag < 60_000);
        job.cancel().get();
    }

    @Test
    void pendingRecordsAreTrueUnderBackpressureThroughRescalingAndAfterTheDrain(
            @TempDir Path savepoints) throws Exception {
        for (int shard = 0; shard < 4; shard++) {
            streams.put(words, shard, "x", 2_000);
        }
        V3ioSourceBuilder<Tuple3<String, Long, String>> slow =
                source().setBufferSize(MemorySize.parse("400kb")).setMaxRecordsPerRequest(100);
        JobClient job = start(slow, "closed", 1, null);
        JobID id = job.getJobID();
        // At least one answer of each shard is needed for a true number; hundreds are buffered
        // then.
        await().untilAsserted(
                        () ->
                                assertThat(METRICS.sum(id, "pendingRecords"))
                                        .isBetween(4_000L, 7_900L));
        assertThat(METRICS.sum(id, "v3io.bufferedBytes")).isBetween(1L, 400L * 1024);
        Gate.open("closed");
        await().until(() -> METRICS.sum(id, "pendingRecords") == 0);
        String savepoint = Savepoints.stop(job, savepoints);

        for (int shard = 0; shard < 4; shard++) {
            streams.put(words, shard, "more", 1_000);
        }
        JobClient rescaled = start(slow, "closed again", 3, savepoint);
        JobID rescaledId = rescaled.getJobID();
        await().until(() -> METRICS.sum(rescaledId, "v3io.assignedShards") == 4);
        assertThat(shardValue(rescaledId, 2, "currentSequenceNumber")).isEqualTo(2_000);
        await().untilAsserted(
                        () ->
                                assertThat(METRICS.sum(rescaledId, "pendingRecords"))
                                        .isBetween(500L, 3_950L));
        Gate.open("closed again");
        await().until(() -> shardValue(rescaledId, 2, "currentSequenceNumber") == 3_000);
        await().until(() -> METRICS.sum(rescaledId, "pendingRecords") == 0);
        rescaled.cancel().get();
    }

    @Test
    void pendingRecordsGrowWhileTheJobIsBlocked() throws Exception {
        JobClient job =
                start(
                        source().setBufferSize(MemorySize.parse("100kb"))
                                .setIdlePause(Duration.ofMillis(1), Duration.ofMillis(20)),
                        "blocked",
                        1,
                        null);
        JobID id = job.getJobID();
        await().until(() -> METRICS.sum(id, "v3io.assignedShards") == 4);
        for (int shard = 0; shard < 4; shard++) {
            streams.put(words, shard, "x", 10_000);
        }

        await().until(() -> METRICS.sum(id, "pendingRecords") > 30_000);
        for (int shard = 0; shard < 4; shard++) {
            streams.put(words, shard, "x", 10_000);
        }
        await().until(() -> METRICS.sum(id, "pendingRecords") > 70_000);
        Gate.open("blocked");
        await().until(() -> METRICS.sum(id, "pendingRecords") == 0);
        job.cancel().get();
    }

    @Test
    void twoSourcesInOneHybridSourceShareTheirMetrics() throws Exception {
        streams.put(words, 0, "x", 100);
        StreamPath later = streams.create("users/me/later", 3);
        streams.put(later, 1, "y", 50);
        HybridSource<Tuple3<String, Long, String>> hybrid =
                HybridSource.builder(source().setBounded(StoppingPosition.latest()).build())
                        .addSource(source().setStream("users/me/later").build())
                        .build();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.fromSource(
                        hybrid,
                        WatermarkStrategy.noWatermarks(),
                        "v3io",
                        new RecordCoordinates().getProducedType())
                .sinkTo(new DiscardingSink<>());
        JobClient job = env.executeAsync("hybrid");
        JobID id = job.getJobID();

        await().until(() -> METRICS.sum(id, "v3io.assignedShards") == 3);
        await().until(
                        () ->
                                METRICS.sum(
                                                id,
                                                "v3io.stream.users/me/later.shard.1.currentSequenceNumber")
                                        == 50);
        assertThat(METRICS.sum(id, "v3io.stream.users/me/words.shard.0.currentSequenceNumber"))
                .isEqualTo(100);
        long requests = METRICS.sum(id, "v3io.requests");
        await().until(() -> METRICS.sum(id, "v3io.requests") > requests);
        job.cancel().get();
    }

    private List<Long> values(JobID job, String identifierEnd) {
        return METRICS.values(job, identifierEnd);
    }

    private static long shardValue(JobID job, int shard, String metric) {
        return METRICS.sum(job, "v3io.stream.users/me/words.shard." + shard + "." + metric);
    }

    private V3ioSourceBuilder<Tuple3<String, Long, String>> source() {
        return V3ioSource.<Tuple3<String, Long, String>>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream("users/me/words")
                .setConsumerGroup("group")
                .setShardDiscoveryInterval(Duration.ofMillis(50))
                .setDeserializer(new RecordCoordinates());
    }

    private static JobClient start(
            V3ioSourceBuilder<Tuple3<String, Long, String>> source,
            String gate,
            int parallelism,
            String savepoint)
            throws Exception {
        Configuration configuration = new Configuration();
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(parallelism);
        env.fromSource(source.build(), WatermarkStrategy.noWatermarks(), "v3io")
                .uid("v3io")
                .map(new Gate<>(gate))
                .returns(new RecordCoordinates().getProducedType())
                .uid("gate")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
        return env.executeAsync("metrics");
    }
}
