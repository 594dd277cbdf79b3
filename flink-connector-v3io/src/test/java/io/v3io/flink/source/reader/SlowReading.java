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

package io.v3io.flink.source.reader;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.connector.base.source.reader.RecordsWithSplitIds;
import org.apache.flink.connector.base.source.reader.splitreader.SplitsAddition;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads one record of each of many shards, and takes its time: what has been fetched is kept until
 * the budget is used up, as by a job under backpressure. Arguments: endpoint, stream, shards.
 */
final class SlowReading {

    static final long BUDGET_BYTES = 64L << 20;

    private static final long FULL_BUT_FOR_BYTES = 2L << 20;

    private SlowReading() {}

    public static void main(String[] args) throws Exception {
        StreamPath stream = StreamPath.parse(args[1]);
        int shards = Integer.parseInt(args[2]);
        MetricListener listener = new MetricListener();
        try (V3ioClient client =
                V3ioClient.builder().setEndpoint(args[0]).setAccessKey("any").build()) {
            V3ioSplitReader reader =
                    new V3ioSplitReader(
                            client,
                            new ReaderSettings(
                                    1_000,
                                    64,
                                    16,
                                    BUDGET_BYTES,
                                    Duration.ofMillis(10),
                                    Duration.ofMillis(250),
                                    OnDataLoss.FAIL,
                                    OnDeletedStream.FAIL,
                                    OnDeserializationFailure.FAIL,
                                    null,
                                    RateLimit.NONE,
                                    null,
                                    null,
                                    null),
                            V3ioSourceReaderMetrics.of(
                                    InternalSourceReaderMetricGroup.mock(listener.getMetricGroup()),
                                    client.metrics()),
                            new ShardFindings(),
                            new StartBacklog(null),
                            System::nanoTime);
            List<V3ioShardSplit> splits = new ArrayList<>();
            for (int shard = 0; shard < shards; shard++) {
                splits.add(V3ioShardSplit.bounded(stream.shard(shard), new ShardStart.At(1), 1));
            }
            reader.handleSplitsChanges(new SplitsAddition<>(splits));
            Gauge<Long> buffered =
                    listener.<Long>getGauge(
                                    V3ioSourceReaderMetrics.GROUP,
                                    V3ioSourceReaderMetrics.BUFFERED_BYTES)
                            .orElseThrow();
            read(reader, buffered, shards);
            reader.close();
        }
    }

    private static void read(V3ioSplitReader reader, Gauge<Long> buffered, int shards)
            throws Exception {
        Deque<RecordsWithSplitIds<FetchedRecord>> kept = new ArrayDeque<>();
        Set<String> read = new HashSet<>();
        int fetchedShards = 0;
        long peak = 0;
        while (read.size() < shards) {
            peak = Math.max(peak, buffered.getValue());
            boolean isFull = buffered.getValue() > BUDGET_BYTES - FULL_BUT_FOR_BYTES;
            if (fetchedShards == shards || (isFull && !kept.isEmpty())) {
                emit(kept.remove(), read);
            } else {
                RecordsWithSplitIds<FetchedRecord> fetched = reader.fetch();
                fetchedShards += fetched.finishedSplits().size();
                kept.add(fetched);
            }
        }
        System.out.println("read " + read.size() + " records");
        System.out.println("peak of buffered bytes " + peak);
    }

    private static void emit(RecordsWithSplitIds<FetchedRecord> fetched, Set<String> read) {
        for (String split = fetched.nextSplit(); split != null; split = fetched.nextSplit()) {
            while (fetched.nextRecordFromSplit() != null) {
                read.add(split);
            }
        }
        fetched.recycle();
    }
}
