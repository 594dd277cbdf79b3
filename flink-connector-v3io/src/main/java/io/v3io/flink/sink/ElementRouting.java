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

import io.v3io.flink.builder.SettingRange;
import io.v3io.flink.builder.UserFunction;
import io.v3io.flink.sink.writer.SinkSettings;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.Objects;

/**
 * The way of an element, as the builder of a sink is told: who chooses its stream and its shard,
 * and which order is kept. Checks what does not fit together.
 *
 * @param <IN> type of the elements
 */
@Internal
final class ElementRouting<IN> {

    private static final Duration MAX_SHARD_DISCOVERY_INTERVAL = Duration.ofDays(1);

    @Nullable private StreamSelector<? super IN> streamSelector;
    @Nullable private PartitionKeySelector<? super IN> partitionKey;
    @Nullable private ShardIdSelector<? super IN> shardId;
    private Partitioner partitioner = Partitioner.DEFAULT;
    private Duration shardDiscoveryInterval =
            V3ioSinkOptions.SHARD_DISCOVERY_INTERVAL.defaultValue();
    @Nullable private OrderGuarantee order;

    void chooseStream(StreamSelector<? super IN> selector) {
        streamSelector = Objects.requireNonNull(selector, "selector");
    }

    void choosePartitionKey(PartitionKeySelector<? super IN> selector) {
        partitionKey = Objects.requireNonNull(selector, "selector");
    }

    void chooseShard(ShardIdSelector<? super IN> selector) {
        shardId = Objects.requireNonNull(selector, "selector");
    }

    void leaveShardTo(Partitioner chosen) {
        partitioner = Objects.requireNonNull(chosen, "partitioner");
    }

    void discoverShardsEvery(Duration interval) {
        shardDiscoveryInterval =
                SettingRange.require(
                        "shardDiscoveryInterval", interval, MAX_SHARD_DISCOVERY_INTERVAL, "1 day");
    }

    void keep(OrderGuarantee guarantee) {
        order = Objects.requireNonNull(guarantee, "order");
    }

    void check(TargetStreams streams) {
        require(
                streamSelector != null || streams.elements().size() == 1,
                "setStreamSelector is missing: it chooses among the streams of setStreams.");
        require(
                partitionKey == null || shardId == null,
                "setPartitionKey and setShardId are both set; choose one, because a shard id would"
                        + " make the platform ignore the key.");
        require(
                partitioner != Partitioner.FIXED || !hasRoutes(),
                "setPartitioner(FIXED) chooses the shard; it goes neither with setPartitionKey nor"
                        + " with setShardId.");
        require(
                partitioner != Partitioner.STOREY || (partitionKey != null && shardId == null),
                "setPartitioner(STOREY) chooses the shard by the partition key; it needs"
                        + " setPartitionKey and does not go with setShardId.");
        UserFunction.clean("setPartitionKey", partitionKey);
        UserFunction.clean("setShardId", shardId);
        UserFunction.clean("setStreamSelector", streamSelector);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** Null if there is only one stream. */
    @Nullable
    StreamSelector<? super IN> streamSelector() {
        return streamSelector;
    }

    /** Returns null if records have no partition key. */
    @Nullable
    PartitionKeySelector<? super IN> partitionKey() {
        return partitionKey;
    }

    /** Returns null if no shard is chosen. */
    @Nullable
    ShardIdSelector<? super IN> shardId() {
        return shardId;
    }

    private boolean hasRoutes() {
        return partitionKey != null || shardId != null;
    }

    SinkSettings.Routing settings(TargetStreams streams) {
        OrderGuarantee byDefault =
                hasRoutes() || partitioner == Partitioner.FIXED
                        ? OrderGuarantee.RELAXED
                        : OrderGuarantee.NONE;
        return new SinkSettings.Routing(
                streams.elements(),
                streams.creation(),
                order == null ? byDefault : order,
                hasRoutes(),
                partitioner,
                shardDiscoveryInterval);
    }
}
