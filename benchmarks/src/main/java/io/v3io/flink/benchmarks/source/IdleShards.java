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

package io.v3io.flink.benchmarks.source;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.OperatorIOMetricGroup;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;

import com.sun.management.OperatingSystemMXBean;

import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Measures what idle shards cost one reader: requests a second for each shard, and the CPU time of
 * this process, in which nothing but the reader works. The server runs in a process of its own:
 *
 * <pre>{@code
 * java -jar v3io-emulator/target/v3io-emulator.jar --port 8081
 * java -cp "$(cat benchmarks/target/bench.classpath)" io.v3io.flink.benchmarks.source.IdleShards http://127.0.0.1:8081 1 256 90 20 3
 * }</pre>
 *
 * <p>Arguments: endpoint, streams, shards of each, seconds of warm-up (the compiler is busy for
 * more than a minute, because so little is to be done), seconds of a round, rounds. Measured are
 * shards that hold a record which has been read, then shards without a record yet.
 */
public final class IdleShards {

    private IdleShards() {}

    public static void main(String[] args) throws Exception {
        String endpoint = args[0];
        int streams = Integer.parseInt(args[1]);
        int shards = Integer.parseInt(args[2]);
        Duration warmUp = Duration.ofSeconds(Long.parseLong(args[3]));
        Duration round = Duration.ofSeconds(Long.parseLong(args[4]));
        int rounds = Integer.parseInt(args[5]);
        for (boolean born : new boolean[] {true, false}) {
            List<V3ioShardSplit> splits = new ArrayList<>();
            for (int i = 0; i < streams; i++) {
                splits.addAll(createStream(endpoint, shards, born));
            }
            String what = streams + " x " + shards + (born ? " read" : " unborn") + " shards";
            measure(endpoint, splits, what, warmUp, round, rounds);
        }
    }

    private static List<V3ioShardSplit> createStream(String endpoint, int shards, boolean born) {
        StreamPath stream = StreamPath.parse("users/idle-" + System.nanoTime());
        List<V3ioShardSplit> splits = new ArrayList<>();
        try (V3ioClient client =
                V3ioClient.builder().setEndpoint(endpoint).setAccessKey("any").build()) {
            client.createStream(stream, shards, 24).join();
            byte[] data = "one record".getBytes(StandardCharsets.UTF_8);
            for (int shard = 0; shard < shards; shard++) {
                if (born) {
                    client.putRecords(stream, List.of(PutRecord.of(data).withShardId(shard)))
                            .join();
                }
                // After the record that is there, or before the first one.
                ShardStart start = born ? new ShardStart.After(1) : new ShardStart.At(1);
                splits.add(V3ioShardSplit.unbounded(stream.shard(shard), start));
            }
        }
        return splits;
    }

    private static void measure(
            String endpoint,
            List<V3ioShardSplit> splits,
            String what,
            Duration warmUp,
            Duration round,
            int rounds)
            throws Exception {
        V3ioSource<String> source =
                V3ioSource.<String>builder()
                        .setEndpoint(endpoint)
                        .setAccessKey("any")
                        .setStream(splits.get(0).shard().stream().toString())
                        .setDeserializer(new SimpleStringSchema())
                        .build();
        CountedRequests metrics = new CountedRequests();
        try (SourceReader<String, V3ioShardSplit> reader =
                source.createReader(new LoneReader(metrics))) {
            reader.addSplits(splits);
            pause(warmUp);
            OperatingSystemMXBean system =
                    (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            for (int i = 0; i < rounds; i++) {
                long requestsBefore = metrics.requests();
                long cpuBefore = system.getProcessCpuTime();
                long startNanos = System.nanoTime();
                pause(round);
                double seconds = (System.nanoTime() - startNanos) / 1e9;
                System.out.printf(
                        Locale.ROOT,
                        "%s: %.2f %% of a core, %.0f requests a second, %.2f for each shard%n",
                        what,
                        (system.getProcessCpuTime() - cpuBefore) / 1e7 / seconds,
                        (metrics.requests() - requestsBefore) / seconds,
                        (metrics.requests() - requestsBefore) / seconds / splits.size());
            }
        }
    }

    /** Lets the reader be; nothing is waited for. */
    private static void pause(Duration duration) throws InterruptedException {
        boolean unused = new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What a reader reports, of which only the count of its requests is kept. */
    private static final class CountedRequests extends UnregisteredMetricsGroup
            implements SourceReaderMetricGroup {

        private volatile Gauge<?> requests = () -> 0L;

        long requests() {
            return ((Number) requests.getValue()).longValue();
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            if (name.equals("requests")) {
                requests = gauge;
            }
            return gauge;
        }

        @Override
        public MetricGroup addGroup(String name) {
            return this;
        }

        @Override
        public MetricGroup addGroup(String key, String value) {
            return this;
        }

        @Override
        public OperatorIOMetricGroup getIOMetricGroup() {
            return createOperatorIOMetricGroup();
        }

        @Override
        public Counter getNumRecordsInErrorsCounter() {
            return new SimpleCounter();
        }

        @Override
        public void setPendingBytesGauge(Gauge<Long> pendingBytes) {
            // Not measured here.
        }

        @Override
        public void setPendingRecordsGauge(Gauge<Long> pendingRecords) {
            // Not measured here.
        }
    }

    /** The only subtask, which no coordinator listens to. */
    private record LoneReader(SourceReaderMetricGroup metricGroup) implements SourceReaderContext {

        @Override
        public Configuration getConfiguration() {
            return new Configuration();
        }

        @Override
        public String getLocalHostName() {
            return "localhost";
        }

        @Override
        public int getIndexOfSubtask() {
            return 0;
        }

        @Override
        public int currentParallelism() {
            return 1;
        }

        @Override
        public void sendSplitRequest() {
            // The splits are given.
        }

        @Override
        public void sendSourceEventToCoordinator(SourceEvent event) {
            // Nobody is told.
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return SimpleUserCodeClassLoader.create(IdleShards.class.getClassLoader());
        }
    }
}
