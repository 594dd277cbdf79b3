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

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;

/**
 * Sends each batch as one request, as many together as there may be. Guarded by the {@link
 * RequestSchedule}.
 */
final class UnorderedQueue implements RecordQueue {

    private final Queue<List<PendingRecord>> batches = new ArrayDeque<>();

    @Override
    public void add(List<PendingRecord> records) {
        batches.add(records);
    }

    @Override
    public List<PendingRecord> poll(int sending) {
        List<PendingRecord> batch = batches.poll();
        return batch == null ? List.of() : batch;
    }

    @Override
    public void settled(PendingRecord record) {
        // Nobody waits for this record.
    }
}
