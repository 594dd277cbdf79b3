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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.testutils.source.reader.TestingReaderContext;
import org.apache.flink.connector.testutils.source.reader.TestingReaderOutput;
import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.streaming.api.lineage.LineageDataset;
import org.apache.flink.streaming.api.lineage.SourceLineageVertex;
import org.apache.flink.util.InstantiationUtil;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class V3ioSourceBuilderTest {

    @Test
    void aGroupIsNotSetBackByTheSourceThatStopsWhereItIs() {
        V3ioSourceBuilder<String> builder =
                V3ioSource.<String>builder()
                        .setStream("users/a")
                        .setDeserializer(new SimpleStringSchema())
                        .setConsumerGroup("nuclio");
        assertThatThrownBy(() -> builder.setBounded(StoppingPosition.committed("nuclio")).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("cannot stop where group 'nuclio' is and commit for it");
        builder.setBounded(StoppingPosition.committed("other")).build();
        builder.setBounded("users/a", StoppingPosition.committed("nuclio"));
        assertThatThrownBy(builder::build).hasMessageContaining("group 'nuclio'");
    }

    @Test
    void theExampleOfTheJavadocBuildsAnUnboundedSource() {
        V3ioSource<String> source =
                V3ioSource.<String>builder()
                        .setEndpoint("http://127.0.0.1:8081")
                        .setStream("users/me/examples/words")
                        .setStartingPosition(StartingPosition.earliest())
                        .setDeserializer(new SimpleStringSchema())
                        .build();

        assertThat(source.getBoundedness()).isEqualTo(Boundedness.CONTINUOUS_UNBOUNDED);
    }

    @Test
    void travelsByJavaSerializationWithEveryPosition() throws Exception {
        StreamPath words = StreamPath.parse("users/words");
        for (StartingPosition position :
                List.of(
                        StartingPosition.earliest(),
                        StartingPosition.latest(),
                        StartingPosition.timestamp(Instant.now()),
                        StartingPosition.sequenceNumbers(Map.of(words.shard(1), 5L)))) {
            V3ioSource<String> source =
                    builder()
                            .setStartingPosition(position)
                            .setBounded(StoppingPosition.latest())
                            .build();

            V3ioSource<String> copy = InstantiationUtil.clone(source);

            assertThat(copy.getBoundedness()).isEqualTo(Boundedness.BOUNDED);
        }
        for (StoppingPosition position :
                List.of(
                        StoppingPosition.timestamp(Instant.now()),
                        StoppingPosition.committed("group"),
                        StoppingPosition.sequenceNumbers(Map.of(words.shard(1), 5L)))) {
            assertThat(InstantiationUtil.clone(position)).isEqualTo(position);
        }
    }

    @Test
    void aMissingStreamOrDeserializerIsNamed() {
        assertThatThrownBy(
                        () ->
                                V3ioSource.<String>builder()
                                        .setDeserializer(new SimpleStringSchema())
                                        .build())
                .hasMessageContaining("setStream");
        assertThatThrownBy(() -> V3ioSource.<String>builder().setStream("users/words").build())
                .hasMessageContaining("setDeserializer");
    }

    @Test
    void aFunctionThatCannotBeSerializedIsRefusedWithItsSetting() {
        Object notSerializable = new Object();
        assertThatThrownBy(
                        () ->
                                builder()
                                        .setShardAssigner(
                                                (shard, readers) -> notSerializable.hashCode())
                                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("setShardAssigner", "cannot be serialized");
        assertThatThrownBy(
                        () ->
                                builder()
                                        .setDeserializer(
                                                new SimpleStringSchema() {
                                                    private final Object field = notSerializable;

                                                    @Override
                                                    public boolean isEndOfStream(String element) {
                                                        return field.equals(element);
                                                    }
                                                })
                                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("setDeserializer", "cannot be serialized");
    }

    @Test
    void valuesOutOfRangeAreRefusedWithTheirSetting() {
        assertThatThrownBy(() -> builder().setReadAhead(0))
                .hasMessageContaining("readAhead must be 1 or more, not 0");
        assertThatThrownBy(() -> builder().setMaxRecordsPerRequest(0))
                .hasMessageContaining("maxRecordsPerRequest must be 1 or more, not 0");
        assertThatThrownBy(() -> builder().setBufferSize(MemorySize.ZERO))
                .hasMessageContaining("bufferSize");
        assertThatThrownBy(() -> builder().setShardDiscoveryInterval(Duration.ofSeconds(-1)))
                .hasMessageContaining("shardDiscoveryInterval");
        assertThatThrownBy(() -> builder().setIdlePause(Duration.ZERO, Duration.ofSeconds(1)))
                .hasMessageContaining("shortestIdlePause");
        assertThatThrownBy(
                        () -> builder().setIdlePause(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessageContaining("longestIdlePause");
        for (String group : List.of("no group", "my-job", "_job", "")) {
            assertThatThrownBy(() -> builder().setConsumerGroup(group))
                    .as(group)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            group.isEmpty() ? "1 to 128 characters" : "'" + group + "'");
            assertThatThrownBy(() -> StartingPosition.committed(group, StartingPosition.earliest()))
                    .as(group)
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> StoppingPosition.committed(group))
                    .as(group)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> builder().setShardIds(Set.of()))
                .hasMessageContaining("set of shard ids must not be empty");
        assertThatThrownBy(() -> builder().setShardIds(Set.of(1, 4096)))
                .hasMessageContaining("A shard id must be 0 to 4095, not 4096");
        assertThatThrownBy(() -> builder().setBacklogThreshold(Duration.ZERO))
                .hasMessageContaining("backlogThreshold must be 1 ms or more");
        assertThatThrownBy(() -> builder().setMaxRecordsPerSecond(0))
                .hasMessageContaining("maxRecordsPerSecond must be 1 or more");
        assertThatThrownBy(() -> builder().setMaxBytesPerSecond(MemorySize.ZERO))
                .hasMessageContaining("maxBytesPerSecond");
        assertThatThrownBy(() -> builder().setDropDuplicatesWindow(0, Duration.ofMinutes(1)))
                .hasMessageContaining("dropDuplicatesMaxRecords must be 1 to 10000000, not 0");
        assertThatThrownBy(() -> builder().setDropDuplicatesWindow(1, Duration.ofDays(8)))
                .hasMessageContaining("dropDuplicatesMaxTime must be 1 ms to 7 days, not PT192H");
        assertThatThrownBy(() -> builder().setElementLimit(0))
                .hasMessageContaining("elementLimit must be 1 or more");
        assertThatThrownBy(() -> builder().setElementLimit(5).build())
                .hasMessageContaining("setElementLimit needs setBounded");
        assertThatThrownBy(() -> builder().setStream("words")).hasMessageContaining("'words'");
        assertThatThrownBy(() -> builder().setStreams(List.of())).hasMessageContaining("empty");
        assertThatThrownBy(() -> builder().setStreams(List.of("users/a", "/users/a/")))
                .hasMessageContaining("twice");
    }

    /** What becomes of seconds or microseconds that are taken for milliseconds. */
    @Test
    void timesThatNoRecordHasAreRefused() {
        for (Instant time :
                List.of(
                        Instant.ofEpochMilli(1_767_225_600L),
                        Instant.ofEpochMilli(1_767_225_600_000_000L),
                        Instant.parse("2014-12-31T23:59:59Z"),
                        Instant.now().plus(Duration.ofDays(367)))) {
            assertThatThrownBy(() -> StartingPosition.timestamp(time))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("The starting timestamp " + time)
                    .hasMessageContaining("milliseconds");
            assertThatThrownBy(() -> StoppingPosition.timestamp(time))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("The stopping timestamp " + time);
        }
        Instant lastYear = Instant.now().minus(Duration.ofDays(365));
        assertThat(StartingPosition.timestamp(lastYear))
                .isEqualTo(new StartingPosition.Timestamp(lastYear));
    }

    @Test
    void whatIsSetForOneStreamMustFitToTheSource() {
        assertThatThrownBy(
                        () ->
                                builder()
                                        .setStartingPosition(
                                                "users/other", StartingPosition.latest())
                                        .build())
                .hasMessageContaining("users/other")
                .hasMessageContaining("users/words");
        assertThatThrownBy(
                        () ->
                                builder()
                                        .setBounded("users/words", StoppingPosition.latest())
                                        .build())
                .hasMessageContaining("[users/words] only")
                .hasMessageContaining("setBounded or setUnbounded");
        assertThatThrownBy(() -> builder().setShardIds("users/words", Set.of(4096)))
                .hasMessageContaining("A shard id must be 0 to 4095, not 4096");
        StartingPosition ofOther =
                StartingPosition.sequenceNumbers(
                        Map.of(StreamPath.parse("users/other").shard(0), 1L));
        assertThatThrownBy(
                        () ->
                                builder()
                                        .setStreams(List.of("users/words", "users/other"))
                                        .setStartingPosition("users/words", ofOther)
                                        .build())
                .hasMessageContaining("users/other/0");
    }

    @Test
    void aStartingNumberOfAStreamThatIsNotReadIsRefused() {
        StartingPosition position =
                StartingPosition.sequenceNumbers(
                        Map.of(StreamPath.parse("users/other").shard(0), 1L));

        assertThatThrownBy(() -> builder().setStartingPosition(position).build())
                .hasMessageContaining("users/other/0")
                .hasMessageContaining("users/words");
    }

    @Test
    void aStopThatKeepsTheSourceUnboundedIsNotABoundedOne() {
        assertThat(builder().setUnbounded(StoppingPosition.latest()).build().getBoundedness())
                .isEqualTo(Boundedness.CONTINUOUS_UNBOUNDED);
        assertThatThrownBy(
                        () ->
                                builder()
                                        .setUnbounded(StoppingPosition.latest())
                                        .setBounded(StoppingPosition.latest()))
                .hasMessageContaining("setBounded or setUnbounded");
    }

    @Test
    void aPatternTravelsByJavaSerializationAndExcludesStreams() throws Exception {
        V3ioSourceBuilder<String> pattern =
                V3ioSource.<String>builder()
                        .setEndpoint("http://127.0.0.1:8081")
                        .setStreamPattern("users/me/", Pattern.compile("orders-.*"))
                        .setDeserializer(new SimpleStringSchema());

        assertThat(datasets(InstantiationUtil.clone(pattern.build())))
                .containsExactly("users/me/<orders-.*>");
        assertThatThrownBy(() -> pattern.setStream("users/words"))
                .hasMessageContaining("[users/words]")
                .hasMessageContaining("users/me/<orders-.*>");
        assertThatThrownBy(
                        () ->
                                V3ioSource.<String>builder()
                                        .setStreamPattern("a/../b", Pattern.compile(".*")))
                .hasMessageContaining("'..'");
        assertThat(
                        datasets(
                                V3ioSource.<String>builder()
                                        .setStreamPattern("users", Pattern.compile(".*"))
                                        .setDeserializer(new SimpleStringSchema())
                                        .build()))
                .containsExactly("users/<.*>");
    }

    @Test
    void theDeserializerIsOpenedOnceWithMetricsAndTheUsersClassLoader() throws Exception {
        OpenedSchema schema = new OpenedSchema();
        V3ioSource<String> source =
                V3ioSource.<String>builder()
                        .setEndpoint("http://127.0.0.1:8081")
                        .setAccessKey("any")
                        .setStream("users/words")
                        .setDeserializer(schema)
                        .build();
        MetricListener metrics = new MetricListener();
        TestingReaderContext context =
                new TestingReaderContext(
                        new Configuration(),
                        InternalSourceReaderMetricGroup.mock(metrics.getMetricGroup()));

        try (SourceReader<String, ?> reader = source.createReader(context)) {
            assertThat(reader).isNotNull();
            assertThat(schema.classLoader)
                    .isSameAs(context.getUserCodeClassLoader().asClassLoader());
            assertThat(metrics.getCounter("deserializer", "opened"))
                    .hasValueSatisfying(opened -> assertThat(opened.getCount()).isEqualTo(1));
        }
    }

    /** While the task starts, a failure can end the TaskManager (FLINK-39330). */
    @Test
    void aReaderThatCannotBeMadeSaysSoWhenItIsPolled() throws Exception {
        V3ioSource<String> source = builder().setAccessKeyFile(Path.of("/no/such/key")).build();
        V3ioShardSplit restored =
                V3ioShardSplit.unbounded(
                        StreamPath.parse("users/words").shard(0), ShardStart.Earliest.INSTANCE);

        try (SourceReader<String, V3ioShardSplit> reader =
                source.createReader(new TestingReaderContext())) {
            reader.addSplits(List.of(restored));
            reader.start();

            assertThat(reader.isAvailable()).isCompleted();
            assertThat(reader.snapshotState(1)).containsExactly(restored);
            assertThatThrownBy(() -> reader.pollNext(new TestingReaderOutput<>()))
                    .hasMessageContaining("/no/such/key")
                    .hasNoCause();
        }
    }

    private static final class OpenedSchema extends SimpleStringSchema {
        private static final long serialVersionUID = 1L;
        private transient ClassLoader classLoader;

        @Override
        public void open(DeserializationSchema.InitializationContext context) {
            context.getMetricGroup().counter("opened").inc();
            classLoader = context.getUserCodeClassLoader().asClassLoader();
        }
    }

    @Test
    void lineageNamesEndpointAndStreamsAndNoKey() {
        V3ioSource<String> source =
                builder()
                        .setStreams(List.of("users/words", "projects/shop/orders"))
                        .setAccessKey("canary-key-4711")
                        .setBounded(StoppingPosition.latest())
                        .build();

        SourceLineageVertex vertex = (SourceLineageVertex) source.getLineageVertex();

        assertThat(vertex.boundedness()).isEqualTo(Boundedness.BOUNDED);
        assertThat(datasets(source)).containsExactly("users/words", "projects/shop/orders");
        assertThat(vertex.datasets())
                .extracting(LineageDataset::namespace)
                .containsOnly("http://127.0.0.1:8081");
        assertThat(vertex.toString()).doesNotContain("canary");
    }

    private static List<String> datasets(V3ioSource<String> source) {
        return source.getLineageVertex().datasets().stream().map(LineageDataset::name).toList();
    }

    private static V3ioSourceBuilder<String> builder() {
        return V3ioSource.<String>builder()
                .setEndpoint("http://127.0.0.1:8081")
                .setStream("users/words")
                .setDeserializer(new SimpleStringSchema());
    }
}
