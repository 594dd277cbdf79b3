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
import io.v3io.flink.testing.ReportedMetrics;
import io.v3io.flink.testing.Savepoints;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** How many shards each subtask has, as the metric tells, through growth and rescaling. */
@Timeout(120)
class V3ioSourceRescaleITCase {

    private static final ReportedMetrics METRICS = new ReportedMetrics();
    private static final Queue<String> READ = new ConcurrentLinkedQueue<>();

    @RegisterExtension
    static final TestPlatform PLATFORM = TestPlatform.withCluster(2, 4, METRICS.configuration());

    @TempDir private Path savepoints;
    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;
    private StreamPath orders;

    @BeforeEach
    void createStreams() {
        READ.clear();
        words = streams.create("users/me/words", 5);
        orders = streams.create("users/me/orders", 5);
    }

    @Test
    void subtasksDifferByAtMostOneShardAfterStartGrowthAndRescaling() throws Exception {
        JobClient job = start(4, null);
        awaitShards(job, 2, 2, 3, 3);
        growAndPut(6, 7);
        awaitShards(job, 3, 3, 3, 4);
        String savepoint = Savepoints.stop(job, savepoints);

        // The stream grows while no job is running.
        growAndPut(7, 7);
        job = start(3, savepoint);
        awaitShards(job, 4, 5, 5);
        savepoint = Savepoints.stop(job, savepoints);

        job = start(8, savepoint);
        awaitShards(job, 1, 1, 2, 2, 2, 2, 2, 2);
        growAndPut(9, 9);
        awaitShards(job, 2, 2, 2, 2, 2, 2, 3, 3);
        savepoint = Savepoints.stop(job, savepoints);

        job = start(1, savepoint);
        awaitShards(job, 18);
        Savepoints.stop(job, savepoints);
        assertThat(READ).doesNotHaveDuplicates();
    }

    /** Waits until all that has been written is read, once. */
    private void awaitShards(JobClient job, long... counts) {
        JobID id = job.getJobID();
        List<Long> expected = Arrays.stream(counts).boxed().toList();
        await().untilAsserted(
                        () ->
                                assertThat(METRICS.values(id, "v3io.assignedShards"))
                                        .isEqualTo(expected));
        long written =
                streams.emulator().stream("users/me/words").recordCount()
                        + streams.emulator().stream("users/me/orders").recordCount();
        await().untilAsserted(() -> assertThat(READ).hasSize((int) written));
    }

    private void growAndPut(int wordShards, int orderShards) {
        grow(words, wordShards);
        grow(orders, orderShards);
    }

    private void grow(StreamPath stream, int shards) {
        if (streams.emulator().stream(stream.toString()).shardCount() < shards) {
            streams.grow(stream, shards);
        }
        for (int shard = 0; shard < shards; shard++) {
            streams.put(stream, shard, "x", 3);
        }
    }

    private JobClient start(int parallelism, @Nullable String savepoint) throws Exception {
        Configuration configuration = new Configuration();
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(parallelism);
        V3ioSource<Tuple3<String, Long, String>> source =
                V3ioSource.<Tuple3<String, Long, String>>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStreams(List.of("users/me/words", "users/me/orders"))
                        .setShardDiscoveryInterval(Duration.ofMillis(50))
                        .setDeserializer(new RecordCoordinates())
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                .uid("v3io")
                .map(new Note())
                .uid("note")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
        return env.executeAsync("rescale");
    }

    private static final class Note implements MapFunction<Tuple3<String, Long, String>, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String map(Tuple3<String, Long, String> record) {
            String coordinates = record.f0 + ":" + record.f1;
            READ.add(coordinates);
            return coordinates;
        }
    }
}
