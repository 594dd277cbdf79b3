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

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;

import java.util.HashSet;
import java.util.Set;

/**
 * A reader's output that marks the last shard's part of it idle before that is released. Flink
 * keeps what the released part last was, and after an active one a reader whose shards have all
 * ended could not be marked idle.
 *
 * @param <T> type of the elements
 */
@Internal
final class SplitOutputs<T> implements ReaderOutput<T> {

    private final ReaderOutput<T> main;
    private final Set<String> splitIds = new HashSet<>();

    SplitOutputs(ReaderOutput<T> main) {
        this.main = main;
    }

    ReaderOutput<T> main() {
        return main;
    }

    @Override
    public SourceOutput<T> createOutputForSplit(String splitId) {
        splitIds.add(splitId);
        return main.createOutputForSplit(splitId);
    }

    @Override
    public void releaseOutputForSplit(String splitId) {
        if (splitIds.remove(splitId) && splitIds.isEmpty()) {
            main.createOutputForSplit(splitId).markIdle();
        }
        main.releaseOutputForSplit(splitId);
    }

    @Override
    public void collect(T element) {
        main.collect(element);
    }

    @Override
    public void collect(T element, long timestamp) {
        main.collect(element, timestamp);
    }

    @Override
    public void emitWatermark(Watermark watermark) {
        main.emitWatermark(watermark);
    }

    @Override
    public void markIdle() {
        main.markIdle();
    }

    @Override
    public void markActive() {
        main.markActive();
    }
}
