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

import io.v3io.client.RetryPolicy;
import io.v3io.flink.sink.writer.SinkSettings;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.util.InstantiationUtil;

import org.junit.jupiter.api.Test;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.ThrowableAssert.ThrowingCallable;

class V3ioSinkBuilderTest {

    private static final String KEY = "a-key-nobody-may-see";

    private final Object notSerializable = new Object();

    @Test
    void buildsASinkWithDefaults() {
        SinkSettings settings = complete().build().settings();
        assertThat(settings.routing().streams()).hasToString("[users/me/orders]");
        assertThat(settings.client().endpoint()).hasToString("http://127.0.0.1:8081");
        assertThat(settings.deliveryGuarantee()).isEqualTo(DeliveryGuarantee.AT_LEAST_ONCE);
        assertThat(settings.invalidRecords().policy()).isEqualTo(OnInvalidRecord.FAIL);
        assertThat(settings.maxBatchSize()).isEqualTo(1_000);
        assertThat(settings.maxBatchSizeInBytes()).isEqualTo(10 * 1024 * 1024);
        assertThat(settings.maxTimeInBuffer()).isEqualTo(Duration.ofSeconds(1));
        assertThat(settings.maxInFlightRequests()).isEqualTo(16);
        assertThat(settings.maxBufferedRequests()).isEqualTo(10_000);
        assertThat(settings.maxPendingBytes()).isEqualTo(64 * 1024 * 1024);
        assertThat(settings.maxRecordSize()).isEqualTo(1024 * 1024);
        assertThat(settings.retryPolicy().maxElapsed()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void keepsEveryChoice() {
        RetryPolicy policy =
                new RetryPolicy(
                        3, Duration.ofSeconds(9), Duration.ofMillis(1), Duration.ofMillis(2));
        SinkSettings settings =
                complete()
                        .setAccessKeyFile(Path.of("/run/key"))
                        .setStream("v3io:///bigdata/a/b/")
                        .setDeliveryGuarantee(DeliveryGuarantee.NONE)
                        .setOnInvalidRecord(OnInvalidRecord.DROP)
                        .setMaxBatchSize(10)
                        .setMaxBatchSizeInBytes(new MemorySize(3 * 1024 * 1024))
                        .setMaxTimeInBuffer(Duration.ofMillis(5))
                        .setMaxInFlightRequests(7)
                        .setMaxBufferedRequests(11)
                        .setMaxPendingBytes(new MemorySize(4 * 1024 * 1024))
                        .setMaxRecordSizeInBytes(new MemorySize(2 * 1024 * 1024))
                        .configureClient(c -> c.setMaxConnections(8).setRetryPolicy(policy))
                        .build()
                        .settings();
        assertThat(settings.routing().streams()).hasToString("[bigdata/a/b]");
        assertThat(settings.client().accessKeyFile()).hasValue(Path.of("/run/key"));
        assertThat(settings.client().maxConnections()).isEqualTo(8);
        assertThat(settings.deliveryGuarantee()).isEqualTo(DeliveryGuarantee.NONE);
        assertThat(settings.invalidRecords().policy()).isEqualTo(OnInvalidRecord.DROP);
        assertThat(settings.maxBatchSize()).isEqualTo(10);
        assertThat(settings.maxBatchSizeInBytes()).isEqualTo(3 * 1024 * 1024);
        assertThat(settings.maxTimeInBuffer()).isEqualTo(Duration.ofMillis(5));
        assertThat(settings.maxInFlightRequests()).isEqualTo(7);
        assertThat(settings.maxBufferedRequests()).isEqualTo(11);
        assertThat(settings.maxPendingBytes()).isEqualTo(4 * 1024 * 1024);
        assertThat(settings.maxRecordSize()).isEqualTo(2 * 1024 * 1024);
        assertThat(settings.retryPolicy()).isEqualTo(policy);
        assertThat(settings.writerClient().retryPolicy()).isEqualTo(RetryPolicy.none());
    }

    @Test
    void refusesValuesOutOfRangeNamingOptionValueAndRange() {
        refuses(() -> complete().setMaxBatchSize(0), "maxBatchSize must be 1 to 1000, not 0.");
        refuses(() -> complete().setMaxBatchSize(1_001), "maxBatchSize", "1001");
        refuses(
                () -> complete().setMaxBatchSizeInBytes(new MemorySize(2_047)),
                "maxBatchSizeInBytes");
        refuses(
                () -> complete().setMaxRecordSizeInBytes(new MemorySize(0)),
                "maxRecordSizeInBytes must be 1 to 2097152, not 0.");
        refuses(
                () -> complete().setMaxRecordSizeInBytes(new MemorySize(2_097_153)),
                "maxRecordSizeInBytes",
                "2097153");
        refuses(
                () -> complete().setMaxBatchSizeInBytes(new MemorySize(10_485_761)),
                "10485761",
                "10485760");
        refuses(() -> complete().setMaxInFlightRequests(0), "maxInFlightRequests");
        refuses(() -> complete().setMaxBufferedRequests(1), "maxBufferedRequests");
        refuses(() -> complete().setMaxPendingBytes(new MemorySize(0)), "maxPendingBytes");
        refuses(() -> complete().setMaxTimeInBuffer(Duration.ZERO), "maxTimeInBuffer", "PT0S");
        refuses(() -> complete().setMaxTimeInBuffer(Duration.ofHours(2)), "1 hour");
        refuses(() -> complete().setStream("orders"), "orders");
        refuses(() -> complete().setEndpoint("ftp://host"), "endpoint");
    }

    @Test
    void refusesWhatIsMissing() {
        refuses(
                () -> V3ioSink.<String>builder().setStream("a/b").build(),
                "setSerializationSchema");
        refuses(
                () ->
                        V3ioSink.<String>builder()
                                .setSerializationSchema(new SimpleStringSchema())
                                .build(),
                "setStream");
    }

    @Test
    void refusesWhatContradicts() {
        refuses(
                () -> complete().setPartitionKey(s -> s).setShardId(s -> 0).build(),
                "setPartitionKey",
                "setShardId");
        refuses(
                () -> complete().setMaxBatchSize(10).setMaxBufferedRequests(10).build(),
                "maxBufferedRequests 10",
                "maxBatchSize 10");
        refuses(
                () -> complete().setMaxPendingBytes(new MemorySize(2 * 1024 * 1024)).build(),
                "maxPendingBytes 2097152",
                "maxBatchSizeInBytes 10485760");
        refuses(
                () -> complete().configureClient(c -> c.setMaxConnections(15)).build(),
                "maxInFlightRequests 16",
                "maxConnections 15");
        refuses(
                () -> complete().setAccessKey(KEY).setAccessKeyFile(Path.of("f")).build(),
                "accessKeyFile");
    }

    @Test
    void theOrderIsRelaxedWhereAKeyOrAShardIsChosenUnlessItIsSet() {
        assertThat(order(b -> b)).isEqualTo(OrderGuarantee.NONE);
        assertThat(order(b -> b.setPartitionKey(e -> e))).isEqualTo(OrderGuarantee.RELAXED);
        assertThat(order(b -> b.setShardId(e -> 0))).isEqualTo(OrderGuarantee.RELAXED);
        assertThat(order(b -> b.setPartitioner(Partitioner.FIXED)))
                .isEqualTo(OrderGuarantee.RELAXED);
        assertThat(order(b -> b.setOrder(OrderGuarantee.STRICT))).isEqualTo(OrderGuarantee.STRICT);
        assertThat(order(b -> b.setOrder(OrderGuarantee.NONE).setPartitionKey(e -> e)))
                .isEqualTo(OrderGuarantee.NONE);
    }

    private static OrderGuarantee order(UnaryOperator<V3ioSinkBuilder<String>> choices) {
        return choices.apply(complete()).build().settings().routing().order();
    }

    @Test
    void keepsEveryChoiceOfRouting() {
        InvalidRecordHandler handler = invalid -> null;
        SinkSettings settings =
                complete()
                        .setStreams(List.of("users/a", "/users/b/", "users/a"))
                        .setStreamSelector(s -> s)
                        .setCreateStream(3, 48)
                        .setPartitioner(Partitioner.FIXED)
                        .setShardDiscoveryInterval(Duration.ofSeconds(5))
                        .setOrder(OrderGuarantee.STRICT)
                        .setInvalidRecordHandler(handler)
                        .setDeadLetterStream("users/dead")
                        .build()
                        .settings();
        assertThat(settings.routing().streams()).hasToString("[users/a, users/b]");
        assertThat(settings.allStreams()).hasToString("[users/a, users/b, users/dead]");
        assertThat(settings.routing().creation()).isEqualTo(new SinkSettings.StreamCreation(3, 48));
        assertThat(settings.routing().partitioner()).isEqualTo(Partitioner.FIXED);
        assertThat(settings.routing().order()).isEqualTo(OrderGuarantee.STRICT);
        assertThat(settings.routing().shardDiscoveryInterval()).isEqualTo(Duration.ofSeconds(5));
        assertThat(settings.invalidRecords().handler()).isSameAs(handler);
    }

    @Test
    void refusesRoutingOutOfRange() {
        refuses(() -> complete().setStreams(List.of()), "setStreams");
        refuses(() -> complete().setStreams(List.of("users/a", "orders")), "orders");
        refuses(() -> complete().setCreateStream(0, 24), "shardCount must be 1 to 4096, not 0.");
        refuses(() -> complete().setCreateStream(4_097, 24), "shardCount");
        refuses(() -> complete().setCreateStream(1, 8_761), "retentionHours", "8760");
        refuses(
                () -> complete().setShardDiscoveryInterval(Duration.ZERO),
                "shardDiscoveryInterval must be 1 millisecond to 1 day, not PT0S.");
    }

    @Test
    void refusesRoutingThatContradicts() {
        refuses(
                () -> complete().setStreams(List.of("users/a", "users/b")).build(),
                "setStreamSelector");
        refuses(
                () -> complete().setPartitioner(Partitioner.FIXED).setPartitionKey(s -> s).build(),
                "setPartitioner(FIXED)");
        refuses(
                () -> complete().setPartitioner(Partitioner.FIXED).setShardId(s -> 0).build(),
                "setPartitioner(FIXED)");
        refuses(
                () -> complete().setPartitioner(Partitioner.STOREY).build(),
                "setPartitioner(STOREY)");
        refuses(
                () -> complete().setPartitioner(Partitioner.STOREY).setShardId(s -> 0).build(),
                "setPartitioner(STOREY)");
        refuses(
                () ->
                        complete()
                                .setOnInvalidRecord(OnInvalidRecord.DROP)
                                .setInvalidRecordHandler(invalid -> null)
                                .build(),
                "setInvalidRecordHandler",
                "setOnInvalidRecord");
        refuses(
                () -> complete().setDeadLetterStream("a/b").build(),
                "setDeadLetterStream needs setOnInvalidRecord with DEAD_LETTER",
                "setInvalidRecordHandler");
        refuses(
                () -> complete().setOnInvalidRecord(OnInvalidRecord.DEAD_LETTER).build(),
                "setOnInvalidRecord with DEAD_LETTER needs setDeadLetterStream");
        refuses(
                () ->
                        complete()
                                .setOnInvalidRecord(OnInvalidRecord.DEAD_LETTER)
                                .setDeadLetterStream("a/b")
                                .setMaxRecordSizeInBytes(new MemorySize(65_535))
                                .build(),
                "maxRecordSizeInBytes of at least 65536, not 65535");
        refuses(
                () ->
                        complete()
                                .setOnInvalidRecord(OnInvalidRecord.DEAD_LETTER)
                                .setDeadLetterStream("a/b")
                                .setMaxBatchSizeInBytes(new MemorySize(131_071))
                                .build(),
                "maxBatchSizeInBytes of at least 131072, not 131071");
        refuses(
                () ->
                        complete()
                                .setInvalidRecordHandler(invalid -> null)
                                .setDeadLetterStream("users/me/orders")
                                .build(),
                "setDeadLetterStream");
    }

    @Test
    void refusesAFunctionThatCannotBeSerializedNamingItsOption() {
        refuses(
                () -> complete().setPartitionKey(s -> s + notSerializable).build(),
                "setPartitionKey",
                "cannot be serialized");
        refuses(() -> complete().setShardId(s -> notSerializable.hashCode()).build(), "setShardId");
        refuses(
                () -> complete().setStreamSelector(s -> s + notSerializable).build(),
                "setStreamSelector");
        refuses(
                () ->
                        complete()
                                .setInvalidRecordHandler(
                                        invalid -> {
                                            throw new IllegalStateException("" + notSerializable);
                                        })
                                .build(),
                "setInvalidRecordHandler");
        refuses(
                () -> complete().setClientInfo(s -> new byte[notSerializable.hashCode()]).build(),
                "setClientInfo");
    }

    @Test
    void travelsInTheJobGraphWithItsFunctions() throws Exception {
        V3ioSink<String> sink = complete().setPartitionKey(s -> s + "!").build();
        V3ioSink<String> copy = InstantiationUtil.clone(sink);
        assertThat(copy.settings()).isEqualTo(sink.settings());
    }

    @Test
    void showsALiteralKeyNowhere() {
        V3ioSink<String> sink = complete().setAccessKey(KEY).build();
        assertThat(sink.settings().toString()).doesNotContain(KEY);
    }

    private static V3ioSinkBuilder<String> complete() {
        return V3ioSink.<String>builder()
                .setEndpoint("http://127.0.0.1:8081")
                .setStream("users/me/orders")
                .setSerializationSchema(new SimpleStringSchema());
    }

    private static void refuses(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(words);
    }
}
