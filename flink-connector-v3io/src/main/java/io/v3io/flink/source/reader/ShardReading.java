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

import io.v3io.client.model.Location;
import io.v3io.client.model.RecordBatch;
import io.v3io.flink.source.metrics.ShardMetrics;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.util.concurrent.CompletableFuture;

/**
 * What the split reader knows of one shard while it reads it: where to ask next, what has come,
 * what it waits for. All fields are guarded by the reader's monitor.
 */
@Internal
final class ShardReading {

    /** What a shard waits for; each is in one of these. */
    enum State {
        /** For its turn to send a request. */
        RUNNABLE,
        /** For the end of a pause. */
        RESTING,
        /** For a listing of its stream to show something new. */
        WATCHED,
        /** For the answer to its request. */
        IN_FLIGHT,
        /** For an answer that was asked for ahead. */
        AHEAD,
        /** For the next fetch to take its records, or the news of its end. */
        READY,
        /** For watermark alignment to resume it. */
        PARKED,
        /** For nothing: it has been removed or finished. */
        GONE
    }

    final V3ioShardSplit split;
    final ShardProgress progress;
    final IdlePause pause;
    final RequestSize size;
    final ReadAhead ahead = new ReadAhead();

    State state = State.RUNNABLE;

    /** Set by watermark alignment: no request is sent. */
    boolean paused;

    /** Where the next request asks; null when a seek has to find it. */
    @Nullable Location fetchLocation;

    /** Records that the last request for records asked for. */
    int asked;

    /** The request under way. */
    @Nullable CompletableFuture<?> pending;

    /** Records to hand over. */
    @Nullable FetchedBatch ready;

    /** Whether the last answer reached the shard's end. */
    boolean atEnd;

    /** How often the shard was not found. */
    int timesNotFound;

    /** Whether the shard was gone when it was last asked for, while its stream was still there. */
    boolean isGone;

    /** Since when, on the split reader's clock. */
    long goneSinceNanos;

    /** Locations that have died in a row, before any was answered. */
    int deaths;

    /** Empty answers in a row since the pause between them is the longest. */
    int quietAnswers;

    /** What the request under way took from the budget. */
    long reservedBytes;

    /** End of the pause, on the split reader's clock. */
    long dueNanos;

    /** When the last answer came, or reading began, on the split reader's clock. */
    long answeredNanos;

    final ShardLag lag;

    ShardReading(V3ioShardSplit split, IdlePause pause, RequestSize size, ShardMetrics metrics) {
        this.split = split;
        this.progress = new ShardProgress(split);
        this.pause = pause;
        this.size = size;
        this.lag = new ShardLag(metrics::behindLatest);
        // Records that were given up after the last emitted one are not asked for again.
        this.fetchLocation =
                split.emitted() == null
                                || progress.takenThrough() > split.emitted().sequenceNumber()
                        ? null
                        : split.emitted().location();
    }

    String splitId() {
        return split.splitId();
    }

    /** What an answer or a listing says does not fit to what was read: a seek is to tell. */
    void seekAgain() {
        progress.doubt();
        fetchLocation = null;
    }

    /** Reading begins: the shard counts as answered now. */
    void begins(long nowNanos) {
        answeredNanos = nowNanos;
        lag.begins(nowNanos);
    }

    /** An answer to a request for so many records has come, and what it brings has been taken. */
    void noteAnswer(RecordBatch batch, int asked) {
        size.noteAnswer(batch, asked);
        atEnd = batch.recordsBehindLatest() == 0;
        lag.taken(batch, progress.takenThrough(), answeredNanos);
    }
}
