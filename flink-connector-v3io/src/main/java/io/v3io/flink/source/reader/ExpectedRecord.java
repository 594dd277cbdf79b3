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

/**
 * A record that was read before, which the next answers must show: some servers answer a location
 * or a seek whose record is gone, or never was, with the end or with the oldest record.
 *
 * @param sequenceNumber its number; 0 if none is awaited (any more)
 * @param asked how the answers were asked for in which it is to come
 */
@Internal
record ExpectedRecord(long sequenceNumber, Asked asked) {

    /** None, of a shard that begins without a record that was read before. */
    static final ExpectedRecord NONE = new ExpectedRecord(0, Asked.FROM_CHECKPOINT);

    private enum Asked {
        /** From a location of a checkpoint: the record comes, perhaps after others. */
        FROM_CHECKPOINT,
        /** From a seek to the record: it is the first one. */
        BY_SEEK,
        /** From the oldest record on: the record comes, or is not in this shard. */
        FROM_OLDEST
    }

    /** The last record of a checkpoint. */
    static ExpectedRecord afterRestore(long sequenceNumber) {
        return new ExpectedRecord(sequenceNumber, Asked.FROM_CHECKPOINT);
    }

    /** What has to come after a seek. */
    static ExpectedRecord after(FoundLocation found) {
        return new ExpectedRecord(
                found.expected(), found.isFirst() ? Asked.BY_SEEK : Asked.FROM_OLDEST);
    }

    /** Whether it has to come still. */
    boolean isAwaited() {
        return sequenceNumber > 0;
    }

    /** Whether it was sought, whether or not it has come since. */
    boolean isSought() {
        return asked == Asked.BY_SEEK;
    }

    /** Whether all records that the shard has before it come first. */
    boolean isFromOldest() {
        return asked == Asked.FROM_OLDEST;
    }

    /** Whether an answer shows that it does not come; for one that {@link #isAwaited}. */
    boolean isMissedBy(RecordBatch batch) {
        for (StreamRecord record : batch.records()) {
            if (record.sequenceNumber() >= sequenceNumber) {
                return record.sequenceNumber() > sequenceNumber;
            }
            if (isSought()) {
                return true;
            }
        }
        return batch.recordsBehindLatest() == 0;
    }

    /** What is still to come after records up to a number. */
    ExpectedRecord after(long received) {
        return received >= sequenceNumber ? new ExpectedRecord(0, asked) : this;
    }
}
