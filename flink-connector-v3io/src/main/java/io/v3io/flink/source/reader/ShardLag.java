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

import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;

import javax.annotation.concurrent.NotThreadSafe;

import java.util.concurrent.TimeUnit;

/**
 * How far a shard has been read behind its newest record. Of the newest record that counts which
 * was told last, by whatever answer or listing: an answer that was read ahead may have waited for
 * its turn since, and still tells what was the newest when it came. Numbers are taken to have no
 * gaps, as they have where answers are read ahead.
 *
 * <p>Has no clock: times are given, on the split reader's, and its monitor guards this.
 */
@Internal
@NotThreadSafe
final class ShardLag {

    private final Listener listener;

    /** The newest record that is known. */
    private long newestNumber;

    /** When it arrived, at the latest. */
    private long newestArrivalMillis;

    /** When that was told. */
    private long toldNanos;

    /** When the last record that was taken arrived. */
    private long takenArrivalMillis;

    private long millis;

    /** Is told how far the shard has been read. */
    interface Listener {

        /** So many records, and so much arrival time, lie after the last record taken. */
        void behindLatest(long records, long millis);
    }

    /**
     * Nothing is known yet.
     *
     * @param listener is told what is known now
     */
    ShardLag(Listener listener) {
        this.listener = listener;
    }

    /** Reading begins: nothing has been told before. */
    void begins(long nanos) {
        toldNanos = nanos;
    }

    /**
     * An answer has come, whether it is its turn or not.
     *
     * @param batch what it brought; an empty one tells nothing of arrival times
     * @param nanos when
     */
    void told(RecordBatch batch, long nanos) {
        if (batch.records().isEmpty() || nanos - toldNanos < 0) {
            return;
        }
        StreamRecord last = lastOf(batch);
        newestNumber = last.sequenceNumber() + batch.recordsBehindLatest();
        newestArrivalMillis =
                last.arrivalTimeMillis()
                        + (batch.recordsBehindLatest() == 0 ? 0 : batch.millisBehindLatest());
        toldNanos = nanos;
    }

    /**
     * An answer has been taken.
     *
     * @param batch what it brought
     * @param takenThrough the number up to which the shard has been read with it
     * @param nanos when it came
     */
    void taken(RecordBatch batch, long takenThrough, long nanos) {
        if (batch.records().isEmpty()) {
            if (batch.recordsBehindLatest() == 0) {
                newestArrivalMillis = takenArrivalMillis;
                millis = 0;
            }
            newestNumber = takenThrough + batch.recordsBehindLatest();
            toldNanos = nanos;
            listener.behindLatest(batch.recordsBehindLatest(), millis);
            return;
        }
        told(batch, nanos);
        StreamRecord last = lastOf(batch);
        takenArrivalMillis = last.arrivalTimeMillis();
        millis = Math.max(0, newestArrivalMillis - takenArrivalMillis);
        listener.behindLatest(Math.max(0, newestNumber - last.sequenceNumber()), millis);
    }

    /**
     * A listing has shown the newest record. When that arrived it does not say: after what was told
     * last, if it is a newer one. One that was asked for before that tells nothing.
     *
     * @param number of the newest record
     * @param takenThrough the number up to which the shard has been read
     * @param nanos when the listing was asked for
     */
    void listed(long number, long takenThrough, long nanos) {
        if (nanos - toldNanos < 0) {
            return;
        }
        if (number > newestNumber) {
            newestArrivalMillis += TimeUnit.NANOSECONDS.toMillis(nanos - toldNanos);
            millis = Math.max(0, newestArrivalMillis - takenArrivalMillis);
        }
        newestNumber = number;
        toldNanos = nanos;
        listener.behindLatest(Math.max(0, number - takenThrough), millis);
    }

    /**
     * The time from the arrival of the last record taken to that of the newest one, at the most:
     * what has not been told may have arrived only just now.
     */
    long mostMillis(long nowNanos) {
        return millis + TimeUnit.NANOSECONDS.toMillis(nowNanos - toldNanos);
    }

    private static StreamRecord lastOf(RecordBatch batch) {
        return batch.records().get(batch.records().size() - 1);
    }
}
