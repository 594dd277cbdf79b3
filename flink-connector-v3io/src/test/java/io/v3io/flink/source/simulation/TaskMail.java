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

package io.v3io.flink.source.simulation;

import java.util.List;

/** What the job manager sends to a task; it arrives in the order in which it was sent. */
sealed interface TaskMail {

    /**
     * Splits that the enumerator has assigned.
     *
     * @param version of the serializer
     * @param splits their bytes
     */
    record AddSplits(int version, List<byte[]> splits) implements TaskMail {}

    /**
     * An event of the enumerator.
     *
     * @param event its bytes, by Java serialization
     */
    @SuppressWarnings("ArrayRecordComponent") // Made for one reader, never shared or compared.
    record ReaderEvent(byte[] event) implements TaskMail {}

    /** The enumerator has nothing more to assign. */
    record NoMoreSplits() implements TaskMail {}

    /**
     * Asks for the task's part of a checkpoint. It is sent when the enumerator's part is there:
     * what the enumerator sent before belongs to the checkpoint, what it sends afterwards does not.
     */
    record Barrier(long checkpointId) implements TaskMail {}

    /** A checkpoint has completed. */
    record CheckpointCompleted(long checkpointId) implements TaskMail {}

    /** A checkpoint has been given up. */
    record CheckpointAborted(long checkpointId) implements TaskMail {}
}
