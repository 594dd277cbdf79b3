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

package io.v3io.flink.source.metrics;

import io.v3io.client.ClientMetrics;
import io.v3io.client.model.ShardId;
import io.v3io.flink.deadletter.DeadLetterWriter;

import org.apache.flink.annotation.Internal;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

import javax.annotation.concurrent.GuardedBy;

import java.lang.ref.WeakReference;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Metrics of one source reader, beside those that Flink keeps itself. Those of the reader are there
 * from its start, those of a shard from its assignment:
 *
 * <ul>
 *   <li>{@code pendingRecords}: records that the reader's shards have beyond what it has received,
 *       summed; a shard without an answer yet counts as 0;
 *   <li>{@code currentFetchEventTimeLag}: milliseconds from the arrival of the newest record of the
 *       last answer to its being fetched; -1 before the first;
 *   <li>{@code numBytesIn}: bytes of GetRecords answers;
 *   <li>{@code numRecordsInErrors}: records left out because they could not be deserialized;
 *   <li>{@code v3io.assignedShards}: shards that the reader has now;
 *   <li>{@code v3io.bufferedBytes}: bytes of answers under way or not emitted yet;
 *   <li>{@code v3io.requests}, {@code v3io.retries}: HTTP requests sent, and repetitions among
 *       them;
 *   <li>{@code v3io.readAheadShards}: shards in which the reader reads ahead now, {@code
 *       v3io.readAheadGivenUp}: how often it gave that up;
 *   <li>{@code v3io.dataLossEvents}: how often records were gone and the job went on without them;
 *   <li>{@code v3io.copiesDropped}: records left out because the shard had them before;
 *   <li>{@code v3io.deadLetters}: records stored in the dead-letter stream, {@code
 *       v3io.pendingDeadLetterBytes}: bytes of those that are not stored yet;
 *   <li>{@code v3io.commitsSucceeded}, {@code v3io.commitsFailed}: commits of the consumer group's
 *       positions;
 *   <li>{@code v3io.stream.<container/path>.shard.<id>.recordsBehindLatest}, {@code
 *       .millisBehindLatest}: as the shard's last answer said; {@code .currentSequenceNumber}: of
 *       the last emitted record, 0 before the first; {@code .committedSequenceNumber}: that this
 *       reader has committed last for the consumer group, 0 before the first.
 * </ul>
 *
 * <p>A hybrid source gives all its sources one metric group, from which Flink removes nothing: the
 * readers of two V3IO sources in it, one after the other, share one object of this class.
 *
 * <p>Thread-safe, except {@link #fetched}, which is called in the split reader's monitor, and
 * {@link #recordDropped} and {@link #copyDropped}, which the task's main thread calls.
 */
@Internal
public final class V3ioSourceReaderMetrics implements DeadLetterWriter.Progress {

    public static final String GROUP = "v3io";
    public static final String STREAM_GROUP = "stream";
    public static final String SHARD_GROUP = "shard";
    public static final String CURRENT_FETCH_EVENT_TIME_LAG = "currentFetchEventTimeLag";
    public static final String ASSIGNED_SHARDS = "assignedShards";
    public static final String BUFFERED_BYTES = "bufferedBytes";
    public static final String REQUESTS = "requests";
    public static final String RETRIES = "retries";
    public static final String COMMITS_SUCCEEDED = "commitsSucceeded";
    public static final String COMMITS_FAILED = "commitsFailed";
    public static final String DATA_LOSS_EVENTS = "dataLossEvents";
    public static final String COPIES_DROPPED = "copiesDropped";
    public static final String READ_AHEAD_SHARDS = "readAheadShards";
    public static final String READ_AHEAD_GIVEN_UP = "readAheadGivenUp";
    public static final String DEAD_LETTERS = "deadLetters";
    public static final String PENDING_DEAD_LETTER_BYTES = "pendingDeadLetterBytes";
    public static final String ENDED_SHARDS = "endedShards";
    public static final String RECORDS_BEHIND_LATEST = "recordsBehindLatest";
    public static final String MILLIS_BEHIND_LATEST = "millisBehindLatest";
    public static final String CURRENT_SEQUENCE_NUMBER = "currentSequenceNumber";
    public static final String COMMITTED_SEQUENCE_NUMBER = "committedSequenceNumber";

    private static final long UNDEFINED = -1;

    /** The registered gauges, which their group holds, hold the values: nothing is kept here. */
    private static final Map<SourceReaderMetricGroup, WeakReference<V3ioSourceReaderMetrics>>
            BY_GROUP = new WeakHashMap<>();

    private final MetricGroup group;
    private final Counter numBytesIn;
    private final Counter commitsSucceeded;
    private final Counter commitsFailed;
    private final Counter dataLossEvents;
    private final Counter copiesDropped;
    private final Counter readAheadGivenUp;
    private final Counter deadLetters;
    private final Counter endedShards;
    private final Counter numRecordsInErrors;
    private final Map<ShardId, ShardMetrics> shards = new ConcurrentHashMap<>();
    private volatile long fetchEventTimeLagMillis = UNDEFINED;
    private volatile long bufferedBytes;
    private volatile int readAheadShards;
    private volatile long pendingDeadLetterBytes;

    @GuardedBy("this")
    private ClientMetrics client;

    /** Requests of the clients before the present one. */
    @GuardedBy("this")
    private long earlierRequests;

    @GuardedBy("this")
    private long earlierRetries;

    /**
     * The metrics of a reader that starts.
     *
     * @param readerGroup Flink's
     * @param client of the reader
     */
    public static V3ioSourceReaderMetrics of(
            SourceReaderMetricGroup readerGroup, ClientMetrics client) {
        synchronized (BY_GROUP) {
            WeakReference<V3ioSourceReaderMetrics> known = BY_GROUP.get(readerGroup);
            V3ioSourceReaderMetrics metrics = known == null ? null : known.get();
            if (metrics == null) {
                metrics = new V3ioSourceReaderMetrics(readerGroup, client);
                BY_GROUP.put(readerGroup, new WeakReference<>(metrics));
            } else {
                metrics.goOnWith(client);
            }
            return metrics;
        }
    }

    private synchronized void goOnWith(ClientMetrics next) {
        earlierRequests += client.requests();
        earlierRetries += client.retries();
        client = next;
        shards.values().forEach(ShardMetrics::release);
        fetchEventTimeLagMillis = UNDEFINED;
        bufferedBytes = 0;
        readAheadShards = 0;
        pendingDeadLetterBytes = 0;
    }

    private V3ioSourceReaderMetrics(SourceReaderMetricGroup readerGroup, ClientMetrics client) {
        this.client = client;
        this.group = readerGroup.addGroup(GROUP);
        this.numBytesIn = readerGroup.getIOMetricGroup().getNumBytesInCounter();
        readerGroup.setPendingRecordsGauge(this::pendingRecords);
        readerGroup.gauge(CURRENT_FETCH_EVENT_TIME_LAG, () -> fetchEventTimeLagMillis);
        group.gauge(ASSIGNED_SHARDS, this::assignedShards);
        group.gauge(BUFFERED_BYTES, () -> bufferedBytes);
        group.gauge(REQUESTS, this::requests);
        group.gauge(RETRIES, this::retries);
        // Counted on I/O threads of the client, several of which there may be.
        this.dataLossEvents = group.counter(DATA_LOSS_EVENTS, new ThreadSafeSimpleCounter());
        group.gauge(READ_AHEAD_SHARDS, () -> readAheadShards);
        this.readAheadGivenUp = group.counter(READ_AHEAD_GIVEN_UP, new ThreadSafeSimpleCounter());
        this.copiesDropped = group.counter(COPIES_DROPPED);
        this.deadLetters = group.counter(DEAD_LETTERS, new ThreadSafeSimpleCounter());
        group.gauge(PENDING_DEAD_LETTER_BYTES, () -> pendingDeadLetterBytes);
        this.endedShards = group.counter(ENDED_SHARDS, new ThreadSafeSimpleCounter());
        this.commitsSucceeded = group.counter(COMMITS_SUCCEEDED, new ThreadSafeSimpleCounter());
        this.commitsFailed = group.counter(COMMITS_FAILED, new ThreadSafeSimpleCounter());
        this.numRecordsInErrors = readerGroup.getNumRecordsInErrorsCounter();
    }

    /**
     * A shard is assigned, and its gauges are there from now on.
     *
     * @param sequenceNumber of its last emitted record; 0 for none
     */
    public void shardAssigned(ShardId shard, long sequenceNumber) {
        shard(shard).assign(sequenceNumber);
    }

    /** Returns the metrics of a shard, registered when they are asked for first. */
    public ShardMetrics shard(ShardId shard) {
        return shards.computeIfAbsent(shard, this::register);
    }

    private ShardMetrics register(ShardId shard) {
        ShardMetrics metrics = new ShardMetrics();
        MetricGroup shardGroup =
                group.addGroup(STREAM_GROUP, shard.stream().toString())
                        .addGroup(SHARD_GROUP, String.valueOf(shard.number()));
        shardGroup.gauge(RECORDS_BEHIND_LATEST, metrics::recordsBehindLatest);
        shardGroup.gauge(MILLIS_BEHIND_LATEST, metrics::millisBehindLatest);
        shardGroup.gauge(CURRENT_SEQUENCE_NUMBER, metrics::currentSequenceNumber);
        shardGroup.gauge(COMMITTED_SEQUENCE_NUMBER, metrics::committedSequenceNumber);
        return metrics;
    }

    /** The shard is read no more; it no longer counts as pending. */
    public void shardReleased(ShardId shard) {
        shard(shard).release();
    }

    /** A shard has ended because its stream was deleted, as chosen. */
    public void shardEnded() {
        endedShards.inc();
    }

    /** Records were gone, and the job goes on without them. */
    public void dataLost() {
        dataLossEvents.inc();
    }

    /** A record could not be deserialized, and the job goes on without it. */
    public void recordDropped() {
        numRecordsInErrors.inc();
    }

    @Override
    public void deadLettersStored(int records) {
        deadLetters.inc(records);
    }

    @Override
    public void deadLettersPending(long bytes) {
        pendingDeadLetterBytes = bytes;
    }

    /** A record was a copy of one that the shard had before. */
    public void copyDropped() {
        copiesDropped.inc();
    }

    /** In so many shards the reader reads ahead now. */
    public void readingAhead(int count) {
        readAheadShards = count;
    }

    /** What was read ahead in a shard failed or did not fit. */
    public void readAheadGivenUp() {
        readAheadGivenUp.inc();
    }

    /** A position of the consumer group has been committed. */
    public void commitSucceeded(ShardId shard, long sequenceNumber) {
        commitsSucceeded.inc();
        shard(shard).committed(sequenceNumber);
    }

    public void commitFailed() {
        commitsFailed.inc();
    }

    /**
     * It is the turn of an answer with records.
     *
     * @param bodyBytes its size
     * @param newestArrivalMillis when its last record arrived, milliseconds since 1970
     * @param heldMillis for how long it has been here; 0 unless it was read ahead
     */
    public void fetched(long bodyBytes, long newestArrivalMillis, long heldMillis) {
        numBytesIn.inc(bodyBytes);
        fetchEventTimeLagMillis = System.currentTimeMillis() - heldMillis - newestArrivalMillis;
    }

    /** So many bytes are under way or not emitted yet. */
    public void buffered(long bytes) {
        bufferedBytes = bytes;
    }

    private synchronized long requests() {
        return earlierRequests + client.requests();
    }

    private synchronized long retries() {
        return earlierRetries + client.retries();
    }

    private long assignedShards() {
        return shards.values().stream().filter(ShardMetrics::isAssigned).count();
    }

    private long pendingRecords() {
        return shards.values().stream()
                .filter(ShardMetrics::isAssigned)
                .mapToLong(ShardMetrics::recordsBehindLatest)
                .sum();
    }
}
