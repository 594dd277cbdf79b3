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

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a job has emitted, by split, as an exactly-once sink would have it: when a task goes back to
 * a checkpoint, what it emitted since then is gone.
 *
 * @param <T> type of the elements
 */
public final class JobOutput<T> {

    /**
     * An element that was emitted.
     *
     * @param element the element
     * @param timestampMillis its timestamp
     * @param subtask that emitted it
     * @param afterCheckpoint the checkpoint that the subtask had last taken part in, or was
     *     restored from; 0 for none
     */
    public record Emission<T>(T element, long timestampMillis, int subtask, long afterCheckpoint) {}

    /** Sees every element before it is added. */
    public interface Listener<T> {
        void onEmission(String splitId, List<Emission<T>> before, Emission<T> emission);
    }

    private final Listener<T> listener;
    private final Map<String, List<Emission<T>>> bySplit = new TreeMap<>();

    public JobOutput(Listener<T> listener) {
        this.listener = listener;
    }

    /** In the order of emission. */
    public List<Emission<T>> of(String splitId) {
        return bySplit.getOrDefault(splitId, List.of());
    }

    /** What was emitted of some splits does not count any more: they are read all over. */
    public void forget(Predicate<String> splitIds) {
        bySplit.keySet().removeIf(splitIds);
    }

    void add(String splitId, Emission<T> emission) {
        List<Emission<T>> emitted = bySplit.computeIfAbsent(splitId, id -> new ArrayList<>());
        listener.onEmission(splitId, emitted, emission);
        emitted.add(emission);
    }

    /** The whole job goes back to a checkpoint; 0 for its beginning. */
    void discardAfter(long checkpointId) {
        bySplit.values()
                .forEach(
                        emitted ->
                                emitted.removeIf(
                                        emission -> emission.afterCheckpoint >= checkpointId));
    }

    /** One subtask goes back to a checkpoint; 0 for its beginning. */
    void discardAfter(long checkpointId, int subtask) {
        bySplit.values()
                .forEach(
                        emitted ->
                                emitted.removeIf(
                                        emission ->
                                                emission.subtask == subtask
                                                        && emission.afterCheckpoint
                                                                >= checkpointId));
    }
}
