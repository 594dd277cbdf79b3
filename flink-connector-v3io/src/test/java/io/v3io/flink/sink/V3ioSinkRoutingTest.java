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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.NullAndEmptySource;
import org.junit.jupiter.params.provider.ValueSource;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** To which shard and to which stream records go. */
@Timeout(120)
class V3ioSinkRoutingTest {

    private static final String SECOND = "users/me/second";
    private static final String THIRD = "bigdata/third stream";

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime(), 5);

    @Test
    void writesASubtasksRecordsToOneShard() throws Exception {
        sink.createStream(STREAM, 4);
        sink.open(b -> b.setPartitioner(Partitioner.FIXED));
        sink.write(elements(100));
        sink.flush();
        assertThat(sink.stored(STREAM, 5 % 4)).hasSize(100);
    }

    @Test
    void followsTheGrowthOfAStream() throws Exception {
        sink.createStream(STREAM, 4);
        sink.open(
                b ->
                        b.setPartitioner(Partitioner.FIXED)
                                .setShardDiscoveryInterval(Duration.ofMillis(20)));
        sink.write(elements(10));
        sink.flush();
        try (V3ioClient client = sink.client()) {
            client.updateStream(StreamPath.parse(STREAM), 8).join();
        }
        long before = sink.emulator().requestCount(Operation.DESCRIBE_STREAM);
        // The second look from here on began after the growth, and has been answered at the third.
        sink.task()
                .runUntil(
                        () ->
                                sink.emulator().requestCount(Operation.DESCRIBE_STREAM)
                                        >= before + 3);
        sink.write(elements(10));
        sink.flush();
        assertThat(sink.stored(STREAM, 1)).hasSize(10);
        assertThat(sink.stored(STREAM, 5)).hasSize(10);
    }

    @Test
    void asksForTheShardsAgainWhenOneIsRefused() throws Exception {
        sink.createStream(STREAM, 8);
        sink.open(b -> b.setPartitioner(Partitioner.FIXED));
        sink.write(elements(10));
        sink.flush();
        try (V3ioClient client = sink.client()) {
            client.deleteStream(StreamPath.parse(STREAM)).join();
        }
        sink.createStream(STREAM, 2);
        sink.write(elements(10));
        sink.flush();
        assertThat(sink.stored(STREAM, 1)).hasSize(10);
        assertThat(sink.task().counter("v3io.recordsDropped")).isZero();
    }

    @Test
    void takesRecordsWhileTheNumberOfShardsIsNotKnown() throws Exception {
        sink.createStream(STREAM, 4);
        sink.emulator()
                .faults()
                .add(
                        Fault.on(Operation.DESCRIBE_STREAM)
                                .respond(503, "text/html", "<html>busy")
                                .times(5));
        sink.open(b -> b.setPartitioner(Partitioner.FIXED).setMaxBatchSize(10));
        sink.write(elements(50));
        assertThat(sink.emulator().requestCount(Operation.PUT_RECORDS)).isZero();
        sink.flush();
        assertThat(sink.stored(STREAM, 1)).hasSize(50);
    }

    /** The shards are those that storey 1.11.7 has chosen. */
    @Test
    void writesAKeyWhereStoreyWouldWriteIt() throws Exception {
        sink.createStream(STREAM, 5);
        sink.open(b -> b.setPartitioner(Partitioner.STOREY).setPartitionKey(e -> e));
        for (String key : List.of("abc", "日本", "a key of more than sixteen bytes")) {
            sink.write(List.of(key));
        }
        sink.flush();
        assertThat(sink.stored(STREAM, 2)).containsExactly("abc");
        assertThat(sink.stored(STREAM, 3)).contains("日本");
        assertThat(sink.emulator().stream(STREAM).records(2))
                .extracting(StoredRecord::partitionKey)
                .containsExactly("abc");
    }

    @Test
    void aKeyMovesWithTheGrowthOfAStream() throws Exception {
        sink.createStream(STREAM, 2);
        sink.open(
                b ->
                        b.setPartitioner(Partitioner.STOREY)
                                .setPartitionKey(e -> "abc")
                                .setOrder(OrderGuarantee.STRICT)
                                .setShardDiscoveryInterval(Duration.ofMillis(20)));
        sink.write(elements(10));
        sink.flush();
        int before = sink.stored(STREAM, 0).size();
        assertThat(before + sink.stored(STREAM, 1).size()).isEqualTo(10);
        try (V3ioClient client = sink.client()) {
            client.updateStream(StreamPath.parse(STREAM), 5).join();
        }
        long asked = sink.emulator().requestCount(Operation.DESCRIBE_STREAM);
        // The second look from here on began after the growth, and has been answered at the third.
        sink.task()
                .runUntil(
                        () -> sink.emulator().requestCount(Operation.DESCRIBE_STREAM) >= asked + 3);
        sink.write(elements(10));
        sink.flush();
        assertThat(sink.stored(STREAM, 2)).isEqualTo(elements(10));
    }

    @ParameterizedTest
    @NullAndEmptySource
    void leavesTheShardToThePlatformWithoutAKeyForStorey(String key) throws Exception {
        sink.createStream(STREAM, 4);
        sink.open(b -> b.setPartitioner(Partitioner.STOREY).setPartitionKey(e -> key));
        sink.write(elements(100));
        sink.flush();
        for (int shard = 0; shard < 4; shard++) {
            assertThat(sink.emulator().stream(STREAM).records(shard)).isNotEmpty();
        }
    }

    @ParameterizedTest
    @NullAndEmptySource
    void leavesTheShardToThePlatformForANullOrEmptyKey(String key) throws Exception {
        sink.createStream(STREAM, 4);
        sink.open(b -> b.setPartitionKey(e -> key));
        sink.write(elements(100));
        sink.flush();
        for (int shard = 0; shard < 4; shard++) {
            assertThat(sink.emulator().stream(STREAM).records(shard))
                    .isNotEmpty()
                    .extracting(StoredRecord::partitionKey)
                    .containsOnlyNulls();
        }
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource
    void writesEachElementToTheStreamThatWasChosen(OrderGuarantee order) throws Exception {
        List<String> streams = List.of(STREAM, SECOND, THIRD);
        streams.forEach(stream -> sink.createStream(stream, 2));
        sink.open(
                b ->
                        b.setOrder(order)
                                .setPartitionKey(e -> e)
                                .setStreams(streams)
                                .setStreamSelector(e -> streams.get(number(e) % 3))
                                .setMaxBatchSize(30));
        sink.write(elements(300));
        sink.flush();
        for (int i = 0; i < 3; i++) {
            int remainder = i;
            assertThat(sink.stored(streams.get(i)))
                    .hasSize(100)
                    .allMatch(e -> number(e) % 3 == remainder);
        }
        assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(0L);
    }

    @Test
    void understandsEveryFormOfADeclaredStream() throws Exception {
        sink.createStream(STREAM, 2);
        sink.open(b -> b.setStreams(List.of(STREAM)).setStreamSelector(e -> e));
        sink.write(List.of(STREAM, "/" + STREAM + "/", "v3io://host/" + STREAM));
        sink.flush();
        assertThat(sink.stored(STREAM)).hasSize(3);
    }

    @Test
    void aStreamThatIsBusyHoldsUpNoOther() throws Exception {
        sink.createStream(STREAM, 2);
        sink.createStream(SECOND, 2);
        sink.emulator().faults().add(Fault.on(Operation.PUT_RECORDS).path("orders").never());
        sink.open(
                b ->
                        b.setStreams(List.of(STREAM, SECOND))
                                .setStreamSelector(e -> number(e) == 0 ? STREAM : SECOND)
                                .setMaxBatchSize(10)
                                .configureClient(c -> c.setResponseTimeout(Duration.ofMinutes(5))));
        sink.write(elements(100));
        sink.task().runUntil(() -> sink.stored(SECOND).size() == 99);
        assertThat(sink.stored(STREAM)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"users/me/undeclared", "no stream at all", "null"})
    void failsOnAnElementForAnotherStreamAndDoesNotNameIt(String name) throws Exception {
        sink.createStream(STREAM, 2);
        sink.open(
                b ->
                        b.setStreams(List.of(STREAM))
                                .setStreamSelector(e -> name.equals("null") ? null : name));
        assertThatThrownBy(() -> sink.write(List.of("confidential")))
                .hasMessageContainingAll(
                        name.equals("null") ? "chose null" : "of " + name.length() + " characters",
                        STREAM,
                        "setStreams (in SQL 'stream') names stream " + STREAM)
                .hasMessageNotContaining("confidential");
    }

    @Test
    void dropsAnElementForAnotherStreamIfTold() throws Exception {
        sink.createStream(STREAM, 2);
        sink.open(
                b ->
                        b.setStreams(List.of(STREAM))
                                .setStreamSelector(e -> number(e) == 0 ? STREAM : SECOND)
                                .setOnInvalidRecord(OnInvalidRecord.DROP));
        sink.write(elements(10));
        sink.flush();
        assertThat(sink.stored(STREAM)).hasSize(1);
        assertThat(sink.task().counter("v3io.recordsDropped")).isEqualTo(9);
    }

    private static int number(String element) {
        return Integer.parseInt(element.substring(element.indexOf('-') + 1));
    }

    private static List<String> elements(int count) {
        return IntStream.range(0, count).mapToObj(i -> "element-" + i).toList();
    }
}
