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

package io.v3io.flink.source;

import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.connector.base.source.hybrid.HybridSource;
import org.apache.flink.connector.base.source.hybrid.HybridSourceEnumeratorState;
import org.apache.flink.connector.base.source.hybrid.HybridSourceSplit;
import org.apache.flink.connector.testutils.source.reader.TestingReaderContext;
import org.apache.flink.connector.testutils.source.reader.TestingReaderOutput;
import org.apache.flink.connector.testutils.source.reader.TestingSplitEnumeratorContext;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import javax.annotation.Nullable;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A V3IO source as a part of Flink's hybrid source, whose reader and enumerator are the real ones.
 */
class HybridSourceTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void createStreams() {
        streams.create("users/me/words", 3);
    }

    @Test
    void aRestoredReaderThatHasItsShardsIsNotMarkedIdle() throws Exception {
        List<HybridSourceSplit> splits;
        HybridSourceEnumeratorState state;
        try (OneTask first = new OneTask(null, List.of())) {
            first.run();
            splits = first.reader.snapshotState(1);
            state = first.enumerator.snapshotState(1);
            assertThat(splits).hasSize(3);
        }

        try (OneTask restored = new OneTask(state, splits)) {
            restored.run();

            assertThat(restored.reader.snapshotState(2)).hasSize(3);
            assertThat(restored.output.wasIdle).isFalse();
        }
    }

    private HybridSource<String> source() {
        return HybridSource.builder(
                        V3ioSource.<String>builder()
                                .setEndpoint(streams.endpoint())
                                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                                .setStream("users/me/words")
                                .setDeserializer(new SimpleStringSchema())
                                .build())
                .build();
    }

    /** A job with parallelism 1, whose events the test carries between its two sides. */
    private final class OneTask implements AutoCloseable {

        private final TestingReaderContext readerContext = new TestingReaderContext();
        private final CoordinatorContext coordinator = new CoordinatorContext();
        private final IdleOutput output = new IdleOutput();
        private final SourceReader<String, HybridSourceSplit> reader;
        private final SplitEnumerator<HybridSourceSplit, HybridSourceEnumeratorState> enumerator;

        OneTask(@Nullable HybridSourceEnumeratorState state, List<HybridSourceSplit> restored)
                throws Exception {
            HybridSource<String> source = source();
            reader = source.createReader(readerContext);
            if (!restored.isEmpty()) {
                reader.addSplits(restored);
            }
            reader.start();
            enumerator =
                    state == null
                            ? source.createEnumerator(coordinator)
                            : source.restoreEnumerator(coordinator, state);
            enumerator.start();
            coordinator.registerReader(0, "localhost");
            enumerator.addReader(0);
        }

        /** Until nothing is on the way any more. */
        void run() throws Exception {
            boolean isQuiet = false;
            while (!isQuiet) {
                List<SourceEvent> toCoordinator = List.copyOf(readerContext.getSentEvents());
                readerContext.clearSentEvents();
                toCoordinator.forEach(event -> enumerator.handleSourceEvent(0, event));
                List<SourceEvent> toReader =
                        List.copyOf(coordinator.getSentEvents().getOrDefault(0, List.of()));
                coordinator.getSentEvents().clear();
                toReader.forEach(reader::handleSourceEvents);
                var assigned = coordinator.getSplitAssignments().remove(0);
                if (assigned != null) {
                    reader.addSplits(assigned.getAssignedSplits());
                }
                reader.pollNext(output);
                isQuiet =
                        toCoordinator.isEmpty()
                                && toReader.isEmpty()
                                && assigned == null
                                && readerContext.getSentEvents().isEmpty();
            }
        }

        @Override
        public void close() throws Exception {
            reader.close();
            enumerator.close();
        }
    }

    private static final class IdleOutput extends TestingReaderOutput<String> {
        private boolean wasIdle;

        @Override
        public void markIdle() {
            wasIdle = true;
        }
    }

    private static final class CoordinatorContext
            extends TestingSplitEnumeratorContext<HybridSourceSplit> {

        CoordinatorContext() {
            super(1);
        }

        @Override
        public void setIsProcessingBacklog(boolean isProcessingBacklog) {
            // The hybrid source always says it.
        }

        @Override
        public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
            T result;
            try {
                result = callable.call();
            } catch (Exception e) {
                handler.accept(null, e);
                return;
            }
            handler.accept(result, null);
        }

        @Override
        public <T> void callAsync(
                Callable<T> callable,
                BiConsumer<T, Throwable> handler,
                long initialDelayMillis,
                long periodMillis) {
            // No look is made again here.
        }
    }
}
