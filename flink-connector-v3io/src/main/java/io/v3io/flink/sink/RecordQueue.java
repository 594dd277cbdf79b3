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

import java.util.List;

/**
 * The records of one stream that wait for their request. Decides which may be under way together.
 * Guarded by the {@link RequestSchedule}.
 */
interface RecordQueue {

    /** Takes the records of one batch, together within the limits of a request. */
    void add(List<PendingRecord> records);

    /**
     * The records of the next request, within its limits.
     *
     * @param sending requests of this stream that wait for an answer now
     * @return empty if there is nothing to send now
     */
    List<PendingRecord> poll(int sending);

    /** A record that was polled is stored, or given up. */
    void settled(PendingRecord record);
}
