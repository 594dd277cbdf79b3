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
import io.v3io.client.V3ioException;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * What becomes of a shard that cannot be read on: the job fails, or the shard ends where its stream
 * was deleted and the user chose that. Called under the reader's monitor.
 */
@Internal
final class ShardFailures {

    private static final Logger LOG = LoggerFactory.getLogger(ShardFailures.class);

    /** How long a stream may take to be deleted after its first shard. */
    private static final long DELETION_NANOS = TimeUnit.MINUTES.toNanos(1);

    /** Between questions for a shard that is gone, at the most. */
    private static final long GONE_PAUSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ReaderMonitor monitor;
    private final V3ioClient client;
    private final OnDeletedStream onDeletedStream;
    private final V3ioSourceReaderMetrics metrics;
    private final ShardStates states;
    private final ShardQuestions questions;
    private final LongSupplier nanoClock;

    ShardFailures(
            ReaderMonitor monitor,
            V3ioClient client,
            OnDeletedStream onDeletedStream,
            V3ioSourceReaderMetrics metrics,
            ShardStates states,
            ShardQuestions questions,
            LongSupplier nanoClock) {
        this.monitor = monitor;
        this.client = client;
        this.onDeletedStream = onDeletedStream;
        this.metrics = metrics;
        this.states = states;
        this.questions = questions;
        this.nanoClock = nanoClock;
    }

    /** What a shard could not be read for may be that its stream was deleted. */
    void failOrEnd(ShardReading shard, Throwable error) {
        boolean isOutage = error instanceof V3ioException failure && failure.kind().isTransient();
        if (onDeletedStream == OnDeletedStream.END && !isOutage) {
            askWhetherDeleted(shard, () -> waitOrFail(shard, error));
        } else {
            monitor.fail(located(shard, error));
        }
    }

    /**
     * To delete a stream takes many requests, the shards first and the stream last (API page,
     * section 2): in between, shards are gone and the stream is still there.
     */
    private void waitOrFail(ShardReading shard, Throwable error) {
        if (error instanceof ShardLookup.ShardGoneException) {
            long now = nanoClock.getAsLong();
            if (!shard.isGone) {
                shard.isGone = true;
                shard.goneSinceNanos = now;
            }
            if (now - shard.goneSinceNanos < DELETION_NANOS) {
                shard.fetchLocation = null;
                long pause = Math.min(shard.pause.afterEmptyAnswer(), GONE_PAUSE_NANOS);
                states.rest(shard, now + pause);
                return;
            }
        }
        monitor.fail(located(shard, error));
    }

    /** Ends the shard if its stream is not there any more. */
    void askWhetherDeleted(ShardReading shard, Runnable ifNot) {
        questions.ask(
                shard,
                client.describeStream(shard.split.shard().stream()),
                (description, error) -> {
                    V3ioException.Kind kind = error == null ? null : kindOf(error);
                    if (kind == V3ioException.Kind.NOT_FOUND
                            || kind == V3ioException.Kind.NOT_A_STREAM) {
                        end(shard);
                    } else {
                        ifNot.run();
                    }
                });
    }

    private void end(ShardReading shard) {
        LOG.warn(
                "Shard {} ends after sequence number {}: its stream was deleted, and {} was chosen.",
                shard.split.shard(),
                shard.progress.takenThrough(),
                SettingNames.of(V3ioSourceOptions.ON_DELETED_STREAM, OnDeletedStream.END));
        metrics.shardEnded();
        shard.progress.end();
        states.makeReady(shard);
    }

    /** The client knows the request; how far the shard had been read is known here. */
    private static Throwable located(ShardReading shard, Throwable error) {
        return error instanceof V3ioException
                ? new FlinkRuntimeException(
                        "Shard "
                                + shard.split.shard()
                                + " could not be read on after sequence number "
                                + shard.progress.takenThrough()
                                + ": "
                                + error.getMessage(),
                        error)
                : error;
    }

    /** What kind of error of the client it is; null for another one. */
    @Nullable
    static V3ioException.Kind kindOf(Throwable error) {
        return error instanceof V3ioException v3io ? v3io.kind() : null;
    }
}
