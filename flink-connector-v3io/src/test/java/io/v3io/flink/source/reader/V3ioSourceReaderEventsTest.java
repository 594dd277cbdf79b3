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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.OnUnsubscribedStream;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.event.NoShardsEvent;
import io.v3io.flink.source.event.ShardsEndedEvent;
import io.v3io.flink.source.event.ShardsHeldEvent;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.testutils.source.reader.TestingReaderContext;
import org.apache.flink.connector.testutils.source.reader.TestingReaderOutput;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class V3ioSourceReaderEventsTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private final TestingReaderContext context = new TestingReaderContext();
    private final IdleOutput output = new IdleOutput();
    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;
    private SourceReader<String, V3ioShardSplit> reader;

    @BeforeEach
    void start() throws Exception {
        words = streams.create("users/me/words", 2);
        reader = reader(OnUnsubscribedStream.READ_ON);
    }

    private SourceReader<String, V3ioShardSplit> reader(OnUnsubscribedStream choice)
            throws Exception {
        return V3ioSource.<String>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream("users/me/words")
                .setOnUnsubscribedStream(choice)
                .setDeserializer(new SimpleStringSchema())
                .build()
                .createReader(context);
    }

    @AfterEach
    void stop() throws Exception {
        reader.close();
    }

    /** A hybrid source does it in this order. */
    @Test
    void shardsThatAreRestoredAfterTheStartAreToldOfOnce() throws Exception {
        reader.start();
        reader.addSplits(List.of(split(0), split(1)));
        reader.pollNext(output);
        reader.pollNext(output);

        assertThat(context.getSentEvents()).containsExactly(new ShardsHeldEvent(2));
    }

    @Test
    void aReaderWithShardsIsNotMarkedIdle() throws Exception {
        reader.start();
        reader.addSplits(List.of(split(0)));
        reader.handleSourceEvents(new NoShardsEvent());
        reader.pollNext(output);

        assertThat(output.isIdle).isFalse();
    }

    @Test
    void aReaderWithoutShardsIsMarkedIdleWhenItIsTold() throws Exception {
        reader.start();
        reader.pollNext(output);
        assertThat(output.isIdle).isFalse();

        reader.handleSourceEvents(new NoShardsEvent());
        reader.pollNext(output);

        assertThat(context.getSentEvents()).containsExactly(new ShardsHeldEvent(0));
        assertThat(output.isIdle).isTrue();
    }

    @Test
    void shardsOfStreamsThatAreNotSubscribedAreDroppedWhenThatIsChosen() throws Exception {
        StreamPath other = streams.create("users/me/other", 1);
        List<V3ioShardSplit> restored =
                List.of(split(1), V3ioShardSplit.unbounded(other.shard(0), new ShardStart.At(1)));
        reader.addSplits(restored);
        assertThat(reader.snapshotState(1)).containsExactlyInAnyOrderElementsOf(restored);
        reader.close();

        reader = reader(OnUnsubscribedStream.DROP);
        reader.addSplits(restored);
        reader.start();
        reader.pollNext(output);

        assertThat(reader.snapshotState(1)).containsExactly(split(1));
        assertThat(context.getSentEvents()).containsExactly(new ShardsHeldEvent(1));
    }

    @Test
    void shardsThatHaveEndedAreToldOfAndTheReaderIsMarkedIdleWhenItHasNoOthers() throws Exception {
        streams.put(words, 0, "x", 3);
        reader.start();
        reader.addSplits(
                List.of(V3ioShardSplit.bounded(words.shard(0), ShardStart.Earliest.INSTANCE, 3)));
        await().until(
                        () -> {
                            reader.pollNext(output);
                            return context.getSentEvents().size() == 2;
                        });
        assertThat(context.getSentEvents())
                .containsExactly(new ShardsHeldEvent(1), new ShardsEndedEvent(1));
        assertThat(output.getEmittedRecords()).hasSize(3);
        assertThat(output.isIdle).isFalse();

        reader.handleSourceEvents(new NoShardsEvent());
        reader.pollNext(output);
        assertThat(output.isIdle).isTrue();
    }

    private V3ioShardSplit split(int shard) {
        return V3ioShardSplit.unbounded(words.shard(shard), new ShardStart.At(1));
    }

    private static final class IdleOutput extends TestingReaderOutput<String> {
        private boolean isIdle;

        @Override
        public void markIdle() {
            isIdle = true;
        }

        @Override
        public void markActive() {
            isIdle = false;
        }
    }
}
