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

import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Stands for a reader that cannot be made, for example because its key file is not there, and tells
 * so as soon as its task runs. Were it told while the task starts, Flink would clean up a sink that
 * has not been initialized, and with that of a {@code SELECT} the TaskManager ends (FLINK-39330).
 *
 * @param <OUT> type of the elements
 */
@Internal
public final class FailingReader<OUT> implements SourceReader<OUT, V3ioShardSplit> {

    private final Exception failure;
    private final List<V3ioShardSplit> splits = new ArrayList<>();

    /** A reader that fails with this as soon as it is polled. */
    public FailingReader(Exception failure) {
        this.failure = failure;
    }

    @Override
    public void start() {
        // It fails when it is asked for elements.
    }

    @Override
    public InputStatus pollNext(ReaderOutput<OUT> output) throws Exception {
        throw failure;
    }

    /** What was restored is in a checkpoint that comes first. */
    @Override
    public List<V3ioShardSplit> snapshotState(long checkpointId) {
        return List.copyOf(splits);
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void addSplits(List<V3ioShardSplit> added) {
        splits.addAll(added);
    }

    @Override
    public void notifyNoMoreSplits() {
        // It fails in any case.
    }

    @Override
    public void close() {
        // Nothing was opened.
    }
}
