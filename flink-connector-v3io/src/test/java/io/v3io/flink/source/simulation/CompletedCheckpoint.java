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

import org.apache.flink.runtime.checkpoint.RoundRobinOperatorStateRepartitioner;
import org.apache.flink.runtime.state.OperatorStateHandle;
import org.apache.flink.runtime.state.OperatorStateHandle.Mode;
import org.apache.flink.runtime.state.OperatorStateHandle.StateMetaInfo;
import org.apache.flink.runtime.state.OperatorStreamStateHandle;
import org.apache.flink.runtime.state.memory.ByteStreamStateHandle;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * A completed checkpoint: bytes only, as after the death of every process.
 *
 * @param id grows from checkpoint to checkpoint of a job
 * @param enumerator state of the enumerator
 * @param readers by subtask, its splits
 */
public record CompletedCheckpoint(
        long id, SerializedState enumerator, List<List<SerializedState>> readers) {

    private static final String STATE_NAME = "SourceReaderState";

    /**
     * Bytes that a versioned serializer wrote.
     *
     * @param version of the serializer
     * @param bytes what it wrote
     */
    @SuppressWarnings("ArrayRecordComponent") // Written once, never shared or compared.
    public record SerializedState(int version, byte[] bytes) {}

    /**
     * The splits by subtask when the job goes on with another parallelism; Flink itself decides.
     */
    List<List<SerializedState>> readers(int parallelism) {
        List<List<OperatorStateHandle>> stored = new ArrayList<>();
        for (int subtask = 0; subtask < readers.size(); subtask++) {
            long[] splits = LongStream.range(0, readers.get(subtask).size()).toArray();
            stored.add(
                    List.of(
                            new OperatorStreamStateHandle(
                                    Map.of(
                                            STATE_NAME,
                                            new StateMetaInfo(splits, Mode.SPLIT_DISTRIBUTE)),
                                    new ByteStreamStateHandle(
                                            Integer.toString(subtask), new byte[0]))));
        }
        List<List<OperatorStateHandle>> distributed =
                RoundRobinOperatorStateRepartitioner.INSTANCE.repartitionState(
                        stored, readers.size(), parallelism);
        return IntStream.range(0, parallelism)
                .mapToObj(subtask -> splitsOf(distributed.get(subtask)))
                .toList();
    }

    private List<SerializedState> splitsOf(List<OperatorStateHandle> handles) {
        List<SerializedState> splits = new ArrayList<>();
        for (OperatorStateHandle handle : handles) {
            int subtask =
                    Integer.parseInt(
                            ((ByteStreamStateHandle) handle.getDelegateStateHandle())
                                    .getHandleName());
            for (long split :
                    handle.getStateNameToPartitionOffsets().get(STATE_NAME).getOffsets()) {
                splits.add(readers.get(subtask).get(Math.toIntExact(split)));
            }
        }
        return splits;
    }
}
