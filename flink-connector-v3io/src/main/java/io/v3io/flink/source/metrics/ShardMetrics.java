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

import org.apache.flink.annotation.Internal;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Where the reading of one shard stands. Read by metric reporters; the lag is written by the
 * client's I/O threads one after another, the sequence number by the task's main thread.
 */
@Internal
public final class ShardMetrics {

    private volatile boolean isAssigned;
    private volatile long recordsBehindLatest;
    private volatile long millisBehindLatest;
    private final AtomicLong currentSequenceNumber = new AtomicLong();
    private volatile long committedSequenceNumber;

    void assign(long sequenceNumber) {
        currentSequenceNumber.set(sequenceNumber);
        isAssigned = true;
    }

    void release() {
        isAssigned = false;
        committedSequenceNumber = 0;
        behindLatest(0, 0);
    }

    boolean isAssigned() {
        return isAssigned;
    }

    /** An answer has said how far behind the shard's newest record its last one is. */
    public void behindLatest(long records, long millis) {
        recordsBehindLatest = records;
        millisBehindLatest = millis;
    }

    /** A record has been emitted. */
    public void emitted(long sequenceNumber) {
        // Per record: ordered, but without the barrier of a volatile write.
        currentSequenceNumber.lazySet(sequenceNumber);
    }

    void committed(long sequenceNumber) {
        committedSequenceNumber = sequenceNumber;
    }

    long committedSequenceNumber() {
        return committedSequenceNumber;
    }

    long recordsBehindLatest() {
        return recordsBehindLatest;
    }

    long millisBehindLatest() {
        return millisBehindLatest;
    }

    long currentSequenceNumber() {
        return currentSequenceNumber.get();
    }
}
