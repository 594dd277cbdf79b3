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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.sink.state.EpochRecords;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.sink.writer.InvalidRecords;
import io.v3io.flink.sink.writer.LogThrottle;
import io.v3io.flink.sink.writer.MailboxCalls;
import io.v3io.flink.sink.writer.SinkMetrics;
import io.v3io.flink.sink.writer.SinkSettings;
import io.v3io.flink.sink.writer.StreamSetup;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The writer of one subtask of an exactly-once sink. It sends nothing to a stream. It collects the
 * records of an epoch, the time between two checkpoints, gives each a tag, and hands them to the
 * committer at the end of the epoch. Small epochs travel to it in the committable, larger ones are
 * put into the staging directory while they grow, so that memory is bounded.
 *
 * <p>Mailbox thread only. What it waits for, it waits for by yielding to the mailbox.
 *
 * @param <IN> type of the elements
 */
@Internal
public final class ExactlyOnceWriter<IN>
        implements StatefulSinkWriter<IN, BufferedRequestState<RoutedRecord>>,
                CommittingSinkWriter<IN, Epoch> {

    private static final Logger LOG = LoggerFactory.getLogger(ExactlyOnceWriter.class);

    /** Bytes that were staged, all epochs together. */
    static final String STAGED_BYTES = "stagedBytes";

    /** Records of the epoch that is being written. */
    static final String EPOCH_RECORDS = "epochRecords";

    /** Bytes of them, encoded. */
    static final String EPOCH_BYTES = "epochBytes";

    private static final int MAX_STAGING_TOGETHER = 4;

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    private final SinkSettings settings;
    private final SinkSettings.ExactlyOnce exactlyOnce;
    private final ElementConverter<IN, RoutedRecord> converter;
    private final InvalidRecords invalidRecords;
    private final MailboxExecutor mailbox;
    private final MailboxCalls calls;
    private final V3ioClient client;
    private final BackgroundCommits commits;
    private final Map<StreamPath, StreamSetup> setups = new LinkedHashMap<>();
    private final Map<StreamPath, Integer> streamNumbers = new LinkedHashMap<>();
    @Nullable private final EpochStaging staging;
    private final Counter recordsSent;
    private final Counter bytesSent;
    private final Counter stagedBytes;

    private final EpochRecords.Encoder encoder = new EpochRecords.Encoder();
    private EpochId epoch;
    private long startedAfter;
    private boolean endOfInput;
    private int recordCount;
    private long epochBytes;

    /** Encoded records that are not staged; together not more than may travel inline. */
    private final List<byte[]> inline = new ArrayList<>();

    private int stagedParts;

    /** In the order of the epoch. */
    private final List<CompletableFuture<Epoch.Part>> staged = new ArrayList<>();

    /** What is to be written before anything else. */
    private final Queue<RoutedRecord> restored = new ArrayDeque<>();

    /** What to do at the first checkpoint; null when it is done, or if there is nothing. */
    @Nullable private Runnable atFirstCheckpoint;

    @Nullable private Exception fatal;

    /** A writer that begins with what an at-least-once sink had not sent yet. */
    public static <IN> ExactlyOnceWriter<IN> create(
            SinkSettings settings,
            SinkSettings.ExactlyOnce exactlyOnce,
            ElementConverter<IN, RoutedRecord> converter,
            WriterInitContext context,
            Collection<BufferedRequestState<RoutedRecord>> restored) {
        converter.open(context);
        V3ioClient client = V3ioClient.create(settings.client());
        MailboxCalls calls = new MailboxCalls(context.getMailboxExecutor());
        try {
            return new ExactlyOnceWriter<>(
                    settings, exactlyOnce, converter, client, calls, context, restored);
        } catch (RuntimeException | Error e) {
            calls.close();
            client.close();
            throw e;
        }
    }

    private ExactlyOnceWriter(
            SinkSettings settings,
            SinkSettings.ExactlyOnce exactlyOnce,
            ElementConverter<IN, RoutedRecord> converter,
            V3ioClient client,
            MailboxCalls calls,
            WriterInitContext context,
            Collection<BufferedRequestState<RoutedRecord>> restored) {
        this.settings = settings;
        this.client = client;
        this.exactlyOnce = exactlyOnce;
        this.mailbox = context.getMailboxExecutor();
        this.calls = calls;
        SinkMetrics metrics = new SinkMetrics(context.metricGroup());
        this.converter = converter;
        this.invalidRecords =
                new InvalidRecords(
                        settings.invalidRecords(),
                        settings.recordLimits(),
                        metrics,
                        new LogThrottle(LOG_INTERVAL, System::nanoTime));
        this.recordsSent = context.metricGroup().getNumRecordsSendCounter();
        this.bytesSent = context.metricGroup().getNumBytesSendCounter();
        MetricGroup group = context.metricGroup().addGroup(SinkMetrics.GROUP);
        this.stagedBytes = group.counter(STAGED_BYTES);
        group.gauge(EPOCH_RECORDS, () -> recordCount);
        group.gauge(EPOCH_BYTES, () -> epochBytes);
        int subtask = context.getTaskInfo().getIndexOfThisSubtask();
        this.epoch = EpochId.first(subtask);
        OptionalLong restoredCheckpoint = context.getRestoredCheckpointId();
        this.startedAfter = restoredCheckpoint.orElse(Epoch.NO_CHECKPOINT);
        for (StreamPath stream : settings.allStreams()) {
            setUp(stream);
        }
        for (BufferedRequestState<RoutedRecord> state : restored) {
            for (RequestEntryWrapper<RoutedRecord> entry : state.getBufferedRequestEntries()) {
                this.restored.add(entry.getRequestEntry());
                // The job may have written to other streams before.
                setUp(entry.getRequestEntry().stream());
            }
        }
        if (exactlyOnce.stagingDirectory() == null) {
            this.staging = null;
        } else {
            this.staging =
                    new EpochStaging(
                            client,
                            exactlyOnce.stagingDirectory(),
                            StagingOwner.of(
                                    context,
                                    settings.allStreams(),
                                    exactlyOnce.build(),
                                    epoch.lineage()),
                            System::currentTimeMillis);
            int parallelism = context.getTaskInfo().getNumberOfParallelSubtasks();
            List<StreamPath> streams = settings.allStreams();
            tidyUp(staging.removeLeftovers(parallelism, restoredCheckpoint, streams));
            if (restoredCheckpoint.isPresent()) {
                atFirstCheckpoint =
                        () ->
                                tidyUp(
                                        staging.removeOutlived(
                                                parallelism, restoredCheckpoint, streams));
            }
        }
        // Last, so that it is closed whatever happens here.
        this.commits =
                BackgroundCommits.open(
                        epoch,
                        mailbox,
                        context.getProcessingTimeService(),
                        TaskCancellation.of(context.metricGroup()),
                        exactlyOnce.takeoverDelay());
    }

    private void tidyUp(CompletableFuture<Void> removal) {
        calls.whenAnswered(
                removal,
                (done, error) -> {
                    if (error != null) {
                        LOG.warn(
                                "The staging directory {} could not be searched for what dead"
                                        + " attempts have left; it stays there: {}",
                                exactlyOnce.stagingDirectory(),
                                error.getMessage());
                    }
                });
    }

    private void setUp(StreamPath stream) {
        if (setups.containsKey(stream)) {
            return;
        }
        StreamSetup setup =
                new StreamSetup(
                        stream,
                        settings.routing(),
                        epoch.subtask(),
                        client,
                        calls,
                        settings.backoff(),
                        () -> {},
                        e -> fatal = e);
        streamNumbers.put(stream, streamNumbers.size());
        setups.put(stream, setup);
        setup.start();
    }

    @Override
    public void write(IN element, Context context) throws IOException, InterruptedException {
        addRestored();
        RoutedRecord record = invalidRecords.admit(converter, element, context);
        if (record != null) {
            add(record);
        }
    }

    private void addRestored() throws IOException, InterruptedException {
        while (!restored.isEmpty()) {
            add(restored.remove());
        }
    }

    private void add(RoutedRecord given) throws IOException, InterruptedException {
        RoutedRecord record = given;
        StreamSetup setup = setups.get(record.stream());
        if (setup.choosesShards()) {
            // The record gets its shard now, and keeps it.
            await(setup);
            record = new RoutedRecord(record.stream(), setup.route(record.record()));
        }
        // Only now, so that there is something to stage when the epoch is prepared.
        if (encoder.length() >= exactlyOnce.partBytes()) {
            inline.add(encoder.take());
        }
        encode(record);
        if (isTooLargeForInline()) {
            stage(false);
        }
    }

    private boolean isTooLargeForInline() {
        return epochBytes > exactlyOnce.maxInlineBytes();
    }

    private void encode(RoutedRecord routed) {
        PutRecord record = routed.record();
        int before = encoder.length();
        encoder.add(streamNumbers.get(routed.stream()), recordCount, record);
        recordCount++;
        epochBytes += encoder.length() - before;
        recordsSent.inc();
        bytesSent.inc(record.encodedSizeBytes());
    }

    /**
     * Puts into the staging directory what is in memory, but for the part that still grows.
     *
     * @param prepared whether the epoch is being prepared, so that nothing grows any more
     */
    private void stage(boolean prepared) throws IOException, InterruptedException {
        if (staging == null) {
            throw new IOException(
                    "Subtask "
                            + epoch.subtask()
                            + " has "
                            + recordCount
                            + " records with "
                            + epochBytes
                            + " bytes since the last checkpoint, and no more than "
                            + exactlyOnce.maxInlineBytes()
                            + " go into a checkpoint. Name a directory for larger epochs with"
                            + " "
                            + SettingNames.of(V3ioSinkOptions.STAGING_DIRECTORY)
                            + ", make checkpoints more often, raise the parallelism, or raise "
                            + SettingNames.of(V3ioSinkOptions.MAX_INLINE_SIZE)
                            + ".");
        }
        for (Iterator<byte[]> parts = inline.iterator(); parts.hasNext(); ) {
            byte[] part = parts.next();
            boolean last = prepared && !parts.hasNext();
            staged.add(staging.put(epoch, startedAfter, stagedParts++, last, part));
            stagedBytes.inc(part.length);
        }
        inline.clear();
        // Those at the head of the list are done first, mostly.
        while (staged.size() >= MAX_STAGING_TOGETHER
                && !staged.get(staged.size() - MAX_STAGING_TOGETHER).isDone()) {
            await(staged.get(staged.size() - MAX_STAGING_TOGETHER));
        }
    }

    @Override
    public void flush(boolean endOfInput) {
        this.endOfInput = endOfInput;
    }

    @Override
    public Collection<Epoch> prepareCommit() throws IOException, InterruptedException {
        commits.prepareCheckpoint();
        commits.awaitByYielding();
        for (StreamSetup setup : setups.values()) {
            await(setup);
        }
        addRestored();
        if (recordCount == 0) {
            return List.of();
        }
        inline.add(encoder.take());
        if (isTooLargeForInline()) {
            stage(true);
        }
        List<Epoch.Part> parts = new ArrayList<>();
        for (CompletableFuture<Epoch.Part> part : staged) {
            parts.add(await(part));
        }
        for (byte[] bytes : inline) {
            parts.add(new Epoch.Part.Inline(bytes));
        }
        long now = System.currentTimeMillis();
        Epoch prepared =
                new Epoch(epoch, startedAfter, endOfInput, now, floors(), recordCount, parts);
        epoch = epoch.next();
        recordCount = 0;
        epochBytes = 0;
        inline.clear();
        staged.clear();
        stagedParts = 0;
        return List.of(prepared);
    }

    /** What the streams hold before any record of the epoch is sent. */
    private List<Epoch.StreamFloor> floors() throws IOException, InterruptedException {
        Map<StreamPath, CompletableFuture<SortedMap<ShardId, Long>>> listings =
                new LinkedHashMap<>();
        for (StreamPath stream : streamNumbers.keySet()) {
            listings.put(stream, ShardEnds.of(client, stream));
        }
        List<Epoch.StreamFloor> floors = new ArrayList<>();
        for (var listing : listings.entrySet()) {
            SortedMap<Integer, Long> newest = new TreeMap<>();
            await(listing.getValue()).forEach((shard, n) -> newest.put(shard.number(), n));
            floors.add(new Epoch.StreamFloor(listing.getKey(), newest));
        }
        return floors;
    }

    @Override
    public List<BufferedRequestState<RoutedRecord>> snapshotState(long checkpointId) {
        startedAfter = checkpointId;
        if (!endOfInput) {
            commits.snapshotTaken();
        }
        if (atFirstCheckpoint != null) {
            atFirstCheckpoint.run();
            atFirstCheckpoint = null;
        }
        // All records are in committables.
        return List.of();
    }

    private void await(StreamSetup setup) throws IOException, InterruptedException {
        while (!setup.isReady()) {
            throwIfFatal();
            mailbox.yield();
        }
        throwIfFatal();
    }

    private void throwIfFatal() throws IOException {
        if (fatal != null) {
            throw new IOException(fatal.getMessage(), fatal);
        }
    }

    private <T> T await(CompletableFuture<T> call) throws IOException, InterruptedException {
        if (!call.isDone()) {
            // A mail, so that yielding returns when the call has ended.
            calls.whenAnswered(call, (result, error) -> {});
        }
        while (!call.isDone()) {
            mailbox.yield();
        }
        try {
            return call.get();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new IOException(
                    cause instanceof V3ioException
                            ? "The records since the last checkpoint could not be prepared: "
                                    + cause.getMessage()
                            : "The records since the last checkpoint could not be prepared.",
                    cause);
        }
    }

    /** Tries to remove what was staged for an epoch that will never be committed. */
    @Override
    public void close() {
        commits.close();
        calls.close();
        try {
            removeAbandoned();
        } finally {
            client.close();
        }
    }

    private void removeAbandoned() {
        List<Epoch.Part> abandoned = new ArrayList<>();
        for (CompletableFuture<Epoch.Part> part : staged) {
            if (part.isDone() && !part.isCompletedExceptionally()) {
                abandoned.add(part.join());
            }
        }
        var unused =
                EpochStaging.remove(client, abandoned)
                        .orTimeout(1, java.util.concurrent.TimeUnit.SECONDS)
                        .exceptionally(e -> null)
                        .join();
    }
}
