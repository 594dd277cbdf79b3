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

package io.v3io.flink.kafka.plan;

import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.Refusal.Code;
import io.v3io.flink.kafka.state.KeyedTopic;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.TopicOwner;
import io.v3io.flink.kafka.topic.TopicFacts;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whose copy a topic is, and whether it is still partitioned as when its mirror began. */
public final class TopicOwnership {

    private TopicOwnership() {}

    /**
     * Why a topic is not the copy of the stream that this mirror has made; empty if it is, or if no
     * mirror has begun with it.
     *
     * @param mirror name of this mirror
     */
    public static List<Refusal> check(
            String mirror, StreamMapping mapping, TopicFacts topic, StateSnapshot state) {
        Optional<TopicOwner> owner = state.get(StateKeys.topic(mapping.topic()), TopicOwner.class);
        if (owner.isEmpty()) {
            return List.of();
        }
        if (!topic.exists()) {
            return List.of(
                    refusal(
                            mapping,
                            Code.COPY_LOST,
                            ", into which mirror '"
                                    + owner.get().mirror()
                                    + "' has copied, was deleted. Mirror into a topic of another name."));
        }
        List<Refusal> refusals = new ArrayList<>();
        if (!owner.get().mirror().equals(mirror)
                || !owner.get().stream().equals(mapping.stream())) {
            refusals.add(
                    refusal(
                            mapping,
                            Code.OTHER_MIRROR,
                            " belongs to mirror '"
                                    + owner.get().mirror()
                                    + "', which copies stream "
                                    + owner.get().stream()
                                    + " into it. Choose another topic, or go on under that name."));
        }
        partitioning(mapping, topic, owner.get().keyed()).ifPresent(refusals::add);
        return refusals;
    }

    /**
     * @param keyed what it was like then; null if shards decided on partitions
     */
    private static Optional<Refusal> partitioning(
            StreamMapping mapping, TopicFacts topic, @Nullable KeyedTopic keyed) {
        if (mapping.isByKey() != (keyed != null)) {
            return Optional.of(
                    refusal(
                            mapping,
                            Code.PARTITIONING,
                            " was begun with 'partition-by: "
                                    + (keyed == null ? "shard" : "key")
                                    + "', which cannot change. Write that, or mirror into another topic."));
        }
        if (keyed == null) {
            return Optional.empty();
        }
        if (!keyed.id().equals(topic.id())) {
            return Optional.of(
                    refusal(
                            mapping,
                            Code.COPY_LOST,
                            " was deleted and made again. Mirror into a topic of another name."));
        }
        return keyed.partitions() == topic.partitions()
                ? Optional.empty()
                : Optional.of(
                        refusal(
                                mapping,
                                Code.PARTITIONING,
                                " had "
                                        + keyed.partitions()
                                        + " partitions when the mirror began, and has "
                                        + topic.partitions()
                                        + " now, so that the records of a key would be in two of them. Mirror into another topic."));
    }

    private static Refusal refusal(StreamMapping mapping, Code code, String what) {
        return new Refusal(code, mapping.topic(), "Topic " + mapping.topic() + what);
    }
}
