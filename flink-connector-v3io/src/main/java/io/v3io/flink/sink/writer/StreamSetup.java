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

package io.v3io.flink.sink.writer;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.Partitioner;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * What has to be known or done about a stream before records can be sent: a missing one is created,
 * and a partitioner of the sink needs the number of shards. Nothing of this blocks the task:
 * records wait meanwhile where they always wait, and the same bounds hold.
 *
 * <p>All subtasks do so at the same time. Each looks first, so that the stream is created by those
 * few that came before the first of them was done; of these one succeeds, and the others are told
 * that there is something at this path and look again whether it is a stream.
 *
 * <p>Mailbox thread only, but for {@link #isReady} and {@link #route}.
 */
@Internal
public final class StreamSetup {

    private static final Logger LOG = LoggerFactory.getLogger(StreamSetup.class);

    private static final Duration LOG_INTERVAL = Duration.ofSeconds(10);

    /** How often a path may be neither free nor a stream. */
    private static final int MAX_CONTRADICTIONS = 5;

    private static final long CONTRADICTION_PAUSE_MILLIS = 50;

    private final StreamPath stream;
    @Nullable private final SinkSettings.StreamCreation creation;
    private final Partitioner partitioner;
    private final long intervalMillis;
    private final int subtask;
    private final V3ioClient client;
    private final MailboxCalls calls;
    private final RetryBackoff backoff;
    private final Runnable onReady;
    private final Consumer<Exception> onFatal;
    private final LogThrottle logThrottle = new LogThrottle(LOG_INTERVAL, System::nanoTime);

    /** Written after the number of shards. */
    private volatile boolean ready;

    private volatile int shardCount;
    private boolean looking;
    private int contradictions;
    private int retries;
    private long startNanos;

    public StreamSetup(
            StreamPath stream,
            SinkSettings.Routing routing,
            int subtask,
            V3ioClient client,
            MailboxCalls calls,
            RetryBackoff backoff,
            Runnable onReady,
            Consumer<Exception> onFatal) {
        this.stream = stream;
        this.creation = routing.creation();
        this.partitioner =
                routing.streams().contains(stream) ? routing.partitioner() : Partitioner.DEFAULT;
        this.intervalMillis = routing.shardDiscoveryInterval().toMillis();
        this.subtask = subtask;
        this.client = client;
        this.calls = calls;
        this.backoff = backoff;
        this.onReady = onReady;
        this.onFatal = onFatal;
        this.ready = creation == null && !choosesShards();
    }

    /** Begins, if there is anything to do. */
    public void start() {
        if (!ready) {
            startNanos = System.nanoTime();
            describe();
        }
    }

    /** Whether records may be sent. */
    public boolean isReady() {
        return ready;
    }

    /** Whether the sink chooses the shards of records. */
    public boolean choosesShards() {
        return partitioner != Partitioner.DEFAULT;
    }

    /** The record with the shard that the sink chooses for it, if it does. */
    public PutRecord route(PutRecord record) {
        return route(record, shardCount);
    }

    /** The records of one request, all with shards of the same number of shards. */
    List<PutRecord> route(List<PendingRecord> records) {
        int shards = shardCount;
        List<PutRecord> routed = new ArrayList<>(records.size());
        for (PendingRecord record : records) {
            routed.add(route(record.record(), shards));
        }
        return routed;
    }

    private PutRecord route(PutRecord record, int shards) {
        String key = record.partitionKey();
        return switch (partitioner) {
            case DEFAULT -> record;
            case FIXED -> record.withShardId(subtask % shards);
            case STOREY -> key == null ? record : record.withShardId(XxHash32.shard(key, shards));
        };
    }

    /** Asks for the number of shards again, because one of them was refused. */
    void refresh() {
        if (!looking) {
            look();
        }
    }

    private void lookAgain() {
        refresh();
        calls.runLater(intervalMillis, this::lookAgain);
    }

    private void describe() {
        calls.whenAnswered(client.describeStream(stream), this::described);
    }

    private void described(@Nullable StreamDescription description, @Nullable Throwable error) {
        if (error == null) {
            use(description.shardCount());
        } else if (!isKind(error, Kind.NOT_FOUND)) {
            tryAgain(error, this::describe);
        } else if (creation == null) {
            onFatal.accept(SinkErrors.streamMissing(stream, error));
        } else {
            create(creation);
        }
    }

    private void create(SinkSettings.StreamCreation wanted) {
        CompletableFuture<Void> call =
                client.createStream(stream, wanted.shardCount(), wanted.retentionHours());
        calls.whenAnswered(call, (nothing, error) -> created(wanted, error));
    }

    private void created(SinkSettings.StreamCreation wanted, @Nullable Throwable error) {
        if (error == null) {
            LOG.info(
                    "Created stream {} with {} shards, which keeps records for {} hours.",
                    stream,
                    wanted.shardCount(),
                    wanted.retentionHours());
            use(wanted.shardCount());
        } else if (!isKind(error, Kind.ALREADY_EXISTS)) {
            tryAgain(error, () -> create(wanted));
        } else if (++contradictions < MAX_CONTRADICTIONS) {
            // Another subtask was faster, and its stream may take a moment to be seen.
            calls.runLater(contradictions * CONTRADICTION_PAUSE_MILLIS, this::describe);
        } else {
            onFatal.accept(SinkErrors.notAStream(stream, error));
        }
    }

    private void use(int shards) {
        shardCount = shards;
        ready = true;
        if (choosesShards()) {
            calls.runLater(intervalMillis, this::lookAgain);
        }
        onReady.run();
    }

    private void tryAgain(Throwable error, Runnable action) {
        if (!(error instanceof V3ioException e && e.kind().isTransient())) {
            onFatal.accept(SinkErrors.setupRefused(stream, error));
            return;
        }
        Duration elapsed = Duration.ofNanos(System.nanoTime() - startNanos);
        Duration wanted = e.retryAfter().orElse(Duration.ZERO);
        OptionalLong delay = backoff.nextDelayMillis(retries, elapsed, wanted);
        if (delay.isEmpty()) {
            IOException reason = SinkErrors.setupGivenUp(stream, retries + 1, elapsed, error);
            onFatal.accept(reason);
            return;
        }
        retries++;
        warn("The records of stream {} wait, because it could not be looked for: {}", error);
        calls.runLater(delay.getAsLong(), action);
    }

    /** Looks for more shards. What goes wrong is no harm: records still find the old ones. */
    private void look() {
        looking = true;
        calls.whenAnswered(client.describeStream(stream), this::looked);
    }

    private void looked(@Nullable StreamDescription description, @Nullable Throwable error) {
        looking = false;
        if (error != null) {
            warn("Stream {} could not be asked for its number of shards: {}", error);
        } else if (description.shardCount() != shardCount) {
            LOG.info(
                    "Stream {} has {} shards now, instead of {}.",
                    stream,
                    description.shardCount(),
                    shardCount);
            shardCount = description.shardCount();
        }
    }

    private void warn(String message, Throwable error) {
        if (logThrottle.permit()) {
            LOG.warn(
                    message + " ({} such warnings held back.)",
                    stream,
                    error.getMessage(),
                    logThrottle.suppressed());
        }
    }

    private static boolean isKind(Throwable error, Kind kind) {
        return error instanceof V3ioException e && e.kind() == kind;
    }
}
