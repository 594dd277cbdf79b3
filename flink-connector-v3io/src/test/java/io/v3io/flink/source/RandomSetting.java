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

import io.v3io.client.RetryPolicy;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.enumerator.StreamSubscription;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.source.reader.SourceReaderOptions;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.IntSupplier;
import java.util.regex.Pattern;

/** Streams with some records, and a source of them with some settings. */
final class RandomSetting {

    /** Transient faults must not end a job, and not hold a short run up either. */
    private static final RetryPolicy RETRY_POLICY =
            new RetryPolicy(
                    1_000, Duration.ofMinutes(1), Duration.ofMillis(1), Duration.ofMillis(4));

    private final WrittenStreams written;
    private final List<StreamPath> later = new ArrayList<>();
    private final ReadingRules rules;
    private final int recordsPerRequest;
    private final int bufferBytes;
    private final int connections;
    private final int shortestPauseMillis;
    private final int longestPauseMillis;
    private final boolean commits;
    private final int queuedFetches;

    /**
     * Creates the streams.
     *
     * @param written gets them
     * @param hasGaps whether their numbers have gaps
     * @param mayList whether the streams of a pattern can be found
     * @param draws decides
     */
    RandomSetting(
            WrittenStreams written, boolean hasGaps, boolean mayList, SplittableRandom draws) {
        this.written = written;
        createStreams(draws);
        rules =
                new ReadingRules(
                        startingPosition(draws),
                        draws.nextBoolean()
                                ? OnDataLoss.FAIL
                                : draws.nextBoolean() ? OnDataLoss.EARLIEST : OnDataLoss.LATEST,
                        draws.nextInt(4) == 0,
                        hasGaps,
                        draws.nextBoolean()
                                ? OnUnsubscribedStream.READ_ON
                                : OnUnsubscribedStream.DROP,
                        draws.nextInt(3) == 0 && mayList);
        if (!rules.isBounded()) {
            // A bounded source waits for its streams for ever.
            int streams = draws.nextInt(3);
            for (int i = 0; i < streams; i++) {
                later.add(StreamPath.parse("users/me/later-" + draws.nextInt(1_000) + "-" + i));
            }
        }
        recordsPerRequest = pick(draws, 1, 2, 5, 20, 1_000);
        bufferBytes = pick(draws, 1, 2_000, 100_000, 64 << 20);
        connections = pick(draws, 1, 2, 16);
        shortestPauseMillis = 1 + draws.nextInt(2);
        longestPauseMillis = shortestPauseMillis * (1 + draws.nextInt(3));
        commits = draws.nextInt(3) == 0;
        queuedFetches = 1 + draws.nextInt(2);
    }

    private void createStreams(SplittableRandom draws) {
        int streams = 1 + Math.max(0, draws.nextInt(6) - 2);
        for (int i = 0; i < streams; i++) {
            // The name decides which subtask gets the first shard.
            String name = "users/me/stream-" + draws.nextInt(1_000) + "-" + i;
            written.create(name, 1 + draws.nextInt(5));
        }
        for (ShardId shard : written.shards()) {
            if (draws.nextInt(3) > 0) {
                written.put(shard, 1 + draws.nextInt(40), sizes(draws));
            }
        }
    }

    private StartingPosition startingPosition(SplittableRandom draws) {
        StartingPosition position =
                draws.nextBoolean() ? StartingPosition.latest() : StartingPosition.earliest();
        if (draws.nextInt(3) > 0) {
            return position;
        }
        Map<ShardId, Long> numbers = new HashMap<>();
        for (ShardId shard : written.shards()) {
            if (draws.nextBoolean()) {
                int index = draws.nextInt(written.count(shard) + 1);
                numbers.put(
                        shard,
                        index == written.count(shard)
                                ? written.newest(shard) + 1
                                : written.stored(shard).get(index).sequenceNumber());
            }
        }
        return StartingPosition.sequenceNumbers(numbers, position);
    }

    private static int pick(SplittableRandom draws, int... values) {
        return values[draws.nextInt(values.length)];
    }

    /** Lengths of records: most are small; a few are larger than the smaller buffers. */
    static IntSupplier sizes(SplittableRandom draws) {
        return () -> {
            int kind = draws.nextInt(50);
            return draws.nextInt(kind == 0 ? 20_000 : kind < 10 ? 1_000 : 50);
        };
    }

    ReadingRules rules() {
        return rules;
    }

    /** Streams that are not there yet. */
    List<StreamPath> later() {
        return later;
    }

    /** Some of the streams, at least one; all of which the start names shards. */
    Set<StreamPath> subscription(SplittableRandom draws) {
        Set<StreamPath> some = new TreeSet<>(written.paths());
        some.addAll(later);
        if (rules.start() instanceof StartingPosition.SequenceNumbers numbers) {
            List<StreamPath> named =
                    numbers.firstSequenceNumbers().keySet().stream().map(ShardId::stream).toList();
            some.removeIf(stream -> draws.nextInt(4) == 0 && !named.contains(stream));
            // Also one that has been deleted since.
            some.addAll(named);
        } else {
            some.removeIf(stream -> draws.nextInt(4) == 0);
        }
        return some.isEmpty() ? Set.of(written.paths().get(0)) : some;
    }

    /** Matches these streams and no others. */
    static StreamSubscription.Matching pattern(Set<StreamPath> streams) {
        List<String> names =
                streams.stream()
                        .map(stream -> stream.path().substring(stream.path().lastIndexOf('/') + 1))
                        .toList();
        return new StreamSubscription.Matching(
                "users", "me", Pattern.compile(String.join("|", names)));
    }

    V3ioSource<Tuple3<String, Long, String>> source(Set<StreamPath> streams) {
        V3ioSourceBuilder<Tuple3<String, Long, String>> source =
                V3ioSource.<Tuple3<String, Long, String>>builder()
                        .setEndpoint(written.server().endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .configureClient(
                                client ->
                                        client.setMaxConnections(connections)
                                                .setRetryPolicy(RETRY_POLICY))
                        .setOnMissingStream(OnMissingStream.WAIT)
                        .setOnDeletedStream(OnDeletedStream.END)
                        .setOnUnsubscribedStream(rules.onUnsubscribed())
                        .setStartingPosition(rules.start())
                        .setOnDataLoss(rules.onDataLoss())
                        .setMaxRecordsPerRequest(recordsPerRequest)
                        .setBufferSize(new MemorySize(bufferBytes))
                        .setIdlePause(
                                Duration.ofMillis(shortestPauseMillis),
                                Duration.ofMillis(longestPauseMillis))
                        .setShardDiscoveryInterval(Duration.ofMillis(1))
                        .setDeserializer(new RecordCoordinates());
        if (rules.isPattern()) {
            StreamSubscription.Matching pattern = pattern(streams);
            source.setStreamPattern(
                    pattern.container() + "/" + pattern.directory(), pattern.pattern());
        } else {
            source.setStreams(streams.stream().map(StreamPath::toString).toList());
        }
        if (rules.isBounded()) {
            source.setBounded(StoppingPosition.latest());
        }
        if (commits) {
            source.setConsumerGroup("random_run");
        }
        return source.build();
    }

    Configuration readerConfiguration() {
        return new Configuration().set(SourceReaderOptions.ELEMENT_QUEUE_CAPACITY, queuedFetches);
    }

    @Override
    public String toString() {
        return "streams with shards "
                + written.shards()
                + ", start at "
                + rules.start()
                + (rules.isBounded() ? ", stop at the latest" : "")
                + (rules.isPattern() ? ", by pattern" : "")
                + ", streams to come "
                + later
                + ", unsubscribed streams "
                + rules.onUnsubscribed()
                + ", on data loss "
                + rules.onDataLoss()
                + ", "
                + recordsPerRequest
                + " records a request, buffer of "
                + bufferBytes
                + " bytes, "
                + connections
                + " connections, pauses of "
                + shortestPauseMillis
                + " to "
                + longestPauseMillis
                + " ms, "
                + queuedFetches
                + " fetches queued";
    }
}
