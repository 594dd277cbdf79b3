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

package io.v3io.flink.sink;

import io.v3io.client.model.PutRecord;

/**
 * A record on its way to its stream, and the batch of the base class that it belongs to.
 *
 * @param record what to write
 * @param sizeBytes bytes of JSON that the record adds to a request
 * @param batch learns when the record is done with
 */
record PendingRecord(PutRecord record, long sizeBytes, Batch batch) {

    /** The records that the base class handed over together; it wants one answer for them all. */
    static final class Batch {

        private final Runnable onDone;
        private int open;

        Batch(int records, Runnable onDone) {
            this.open = records;
            this.onDone = onDone;
        }

        /** One record is stored, or given up as the user chose. */
        void recordDone() {
            open--;
            if (open == 0) {
                onDone.run();
            }
        }
    }
}
