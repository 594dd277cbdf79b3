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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.testing.ChaosProxy;
import io.v3io.testing.ChaosProxy.Fate;

import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Sizes that a user chooses because a platform, or a gateway before it, takes less or more. */
@Timeout(60)
class V3ioSinkSizesTest {

    private static final int GATEWAY_BYTES = 64 * 1024;

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @BeforeEach
    void createStream() {
        sink.createStream(STREAM, 4);
    }

    @Test
    void requestsStayBelowTheLimitOfAGateway() throws Exception {
        AtomicInteger largest = new AtomicInteger();
        try (ChaosProxy proxy =
                new ChaosProxy(
                        sink.emulator().endpoint(),
                        body -> {
                            largest.accumulateAndGet(body.length(), Math::max);
                            return Fate.PASS;
                        })) {
            sink.open(
                    b ->
                            b.setEndpoint(proxy.endpoint())
                                    .setMaxBatchSizeInBytes(new MemorySize(GATEWAY_BYTES)));
            List<String> elements = new ArrayList<>();
            for (int i = 0; i < 1_000; i++) {
                elements.add(i + "x".repeat(i * 40));
            }
            sink.write(elements);
            sink.flush();
            assertThat(sink.stored(STREAM)).containsExactlyInAnyOrderElementsOf(elements);
            assertThat(largest.get()).isBetween(GATEWAY_BYTES / 2, GATEWAY_BYTES);
        }
    }

    @Test
    void aRecordThatFitsIntoNoRequestIsInvalid() throws Exception {
        sink.open(b -> b.setMaxBatchSizeInBytes(new MemorySize(GATEWAY_BYTES)));
        assertThatThrownBy(() -> sink.write(List.of("x".repeat(GATEWAY_BYTES))))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(
                        STREAM, "a request has room for", "setMaxBatchSizeInBytes");
    }

    @Test
    void aRecordOverTheChosenSizeIsInvalid() throws Exception {
        sink.open(
                b ->
                        b.setMaxRecordSizeInBytes(new MemorySize(1_000))
                                .setOnInvalidRecord(OnInvalidRecord.DROP));
        sink.write(List.of("x".repeat(1_000), "y".repeat(1_001)));
        sink.flush();
        assertThat(sink.stored(STREAM)).containsExactly("x".repeat(1_000));
        assertThat(sink.task().counter("v3io.recordsDropped")).isEqualTo(1);
    }

    /**
     * Over the default, and sent all the same: whether the platform takes it, the platform says.
     */
    @Test
    void aRecordUpToTheChosenSizeIsSent() throws Exception {
        AtomicInteger largest = new AtomicInteger();
        try (ChaosProxy proxy =
                new ChaosProxy(
                        sink.emulator().endpoint(),
                        body -> {
                            largest.accumulateAndGet(body.length(), Math::max);
                            return new Fate.Refuse(
                                    200,
                                    "application/json",
                                    "{\"FailedRecordCount\": 0, \"Records\":"
                                            + " [{\"SequenceNumber\": 1, \"ShardId\": 0}]}");
                        })) {
            sink.open(
                    b ->
                            b.setEndpoint(proxy.endpoint())
                                    .setMaxRecordSizeInBytes(new MemorySize(2 * 1024 * 1024)));
            sink.write(List.of("x".repeat(2 * 1024 * 1024)));
            sink.flush();
            assertThat(largest.get()).isGreaterThan(2 * 1024 * 1024);
        }
    }

    @Test
    void restoredRecordsOverALimitThatIsLowerNowAreInvalid() throws Exception {
        PutRecord large = PutRecord.of(new byte[GATEWAY_BYTES]);
        PutRecord small = PutRecord.of("wolf".getBytes(UTF_8));
        List<RequestEntryWrapper<RoutedRecord>> entries = new ArrayList<>();
        for (PutRecord record : List.of(large, small)) {
            entries.add(
                    new RequestEntryWrapper<>(
                            new RoutedRecord(StreamPath.parse(STREAM), record),
                            record.encodedSizeBytes()));
        }
        List<BufferedRequestState<RoutedRecord>> state =
                List.of(new BufferedRequestState<>(entries));
        sink.open(b -> b);
        assertThatThrownBy(
                        () ->
                                sink.restore(
                                        state,
                                        b ->
                                                b.setMaxBatchSizeInBytes(
                                                        new MemorySize(GATEWAY_BYTES))))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(STREAM, "setMaxBatchSizeInBytes");
        sink.restore(
                state,
                b ->
                        b.setMaxBatchSizeInBytes(new MemorySize(GATEWAY_BYTES))
                                .setOnInvalidRecord(OnInvalidRecord.DROP));
        sink.flush();
        assertThat(sink.stored(STREAM)).containsExactly("wolf");
        assertThat(sink.task().counter("v3io.recordsDropped")).isEqualTo(1);
        assertThat(sink.task().gauge("v3io.pendingBytes")).isEqualTo(0L);
    }
}
