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
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.stream.StreamFacts;
import io.v3io.flink.kafka.topic.TopicFacts;

import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.TopicConfig;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What a topic must be like to hold a copy of a stream. */
public final class TopicRules {

    /** A batch of small records is as large as that. */
    private static final long SMALLEST_LIMIT = 256 * 1_024;

    private static final Set<AclOperation> NEEDED =
            Set.of(
                    AclOperation.READ,
                    AclOperation.WRITE,
                    AclOperation.DESCRIBE_CONFIGS,
                    AclOperation.ALTER);

    private final StreamMapping mapping;
    private final StreamFacts stream;
    private final Duration retention;
    private final Duration ageOfOldest;
    private final long messageBytes;

    TopicRules(StreamMapping mapping, StreamFacts stream, Instant now) {
        this.mapping = mapping;
        this.stream = stream;
        retention = Duration.ofHours(stream.retentionHours());
        ageOfOldest = stream.ageOfOldest(now);
        messageBytes =
                Math.max(SMALLEST_LIMIT, mapping.largestRecord()) + RecordFormat.OVERHEAD_BYTES;
    }

    /**
     * Settings of a topic that is made for the stream. It keeps every record for the stream's
     * retention period after the oldest one was copied.
     */
    Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        settings.put(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE);
        settings.put(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "CreateTime");
        settings.put(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, String.valueOf(messageBytes));
        settings.put(
                TopicConfig.RETENTION_MS_CONFIG,
                String.valueOf(
                        Duration.ofHours(ageOfOldest.toHours() + 1).plus(retention).toMillis()));
        settings.put(TopicConfig.RETENTION_BYTES_CONFIG, "-1");
        settings.put(
                TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, String.valueOf(Long.MAX_VALUE));
        return settings;
    }

    /**
     * What is wrong with a topic that is there.
     *
     * @param ours whether this mirror has written to it before
     * @param age of the oldest record that is not copied into it yet; zero without one
     */
    List<Refusal> check(TopicFacts topic, boolean ours, Duration age) {
        List<Refusal> refusals = new ArrayList<>();
        access(topic).ifPresent(text -> add(refusals, Code.KAFKA_ACCESS, text));
        if (!ours && !mapping.isByKey() && topic.partitions() < stream.shards().size()) {
            add(
                    refusals,
                    Code.TOO_FEW_PARTITIONS,
                    "has "
                            + topic.partitions()
                            + " partitions and the stream "
                            + stream.shards().size()
                            + " shards. Add partitions (kafka-topics.sh --alter --partitions "
                            + stream.shards().size()
                            + "), or let the mirror make the topic.");
        }
        long limit = topic.number(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Long.MAX_VALUE);
        if (limit < messageBytes) {
            add(
                    refusals,
                    Code.MAX_MESSAGE_BYTES,
                    "has max.message.bytes="
                            + limit
                            + ", but a record of the stream may need "
                            + messageBytes
                            + ". Raise it to that; or, if no record has more bytes, set 'largest-record' of the stream"
                            + " to what the largest one has.");
        }
        retention(topic, age, refusals);
        compaction(topic).ifPresent(refusals::add);
        times(topic, age, refusals);
        return refusals;
    }

    /** That a topic is compacted, and so need not keep what was copied into it. */
    public static Optional<Refusal> compaction(TopicFacts topic) {
        return topic.config()
                        .getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, "")
                        .contains(TopicConfig.CLEANUP_POLICY_COMPACT)
                ? Optional.of(
                        new Refusal(
                                Code.COMPACTION,
                                topic.name(),
                                "Topic "
                                        + topic.name()
                                        + " is compacted (cleanup.policy), which removes all but the latest record of a"
                                        + " key. Set cleanup.policy=delete."))
                : Optional.empty();
    }

    private Optional<String> access(TopicFacts topic) {
        String missing =
                NEEDED.stream()
                        .filter(operation -> !topic.allowed().contains(operation))
                        .map(AclOperation::name)
                        .sorted()
                        .collect(Collectors.joining(", "));
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "may not be used as a mirror uses it: this user lacks "
                                + missing
                                + ". Grant it on the topic (kafka-acls.sh --add).");
    }

    private void retention(TopicFacts topic, Duration age, List<Refusal> refusals) {
        Duration needed = age.compareTo(retention) > 0 ? age : retention;
        long millis = topic.number(TopicConfig.RETENTION_MS_CONFIG, -1);
        if (millis >= 0 && millis < needed.toMillis()) {
            add(
                    refusals,
                    Code.RETENTION,
                    "has retention.ms="
                            + millis
                            + ", but the stream has records of the last "
                            + needed.toMinutes()
                            + " minutes, and Kafka counts from when they arrived in the stream. Raise it to "
                            + needed.plus(retention).toMillis()
                            + ".");
        }
        long bytes = topic.number(TopicConfig.RETENTION_BYTES_CONFIG, -1);
        if (bytes >= 0) {
            add(
                    refusals,
                    Code.RETENTION,
                    "has retention.bytes="
                            + bytes
                            + ", which may remove records of any age. Set it to -1 until the migration is over.");
        }
    }

    private void times(TopicFacts topic, Duration age, List<Refusal> refusals) {
        if ("LogAppendTime".equals(topic.config().get(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG))) {
            add(
                    refusals,
                    Code.TIMESTAMP_TYPE,
                    "has message.timestamp.type=LogAppendTime, which replaces the arrival times. Set CreateTime.");
        }
        long before =
                topic.number(TopicConfig.MESSAGE_TIMESTAMP_BEFORE_MAX_MS_CONFIG, Long.MAX_VALUE);
        if (before < age.plus(retention).toMillis()) {
            add(
                    refusals,
                    Code.TIMESTAMP_RANGE,
                    "refuses records that are older than "
                            + before
                            + " ms (message.timestamp.before.max.ms), and the stream has some of "
                            + age.toMillis()
                            + " ms. Raise it to "
                            + age.plus(retention).toMillis()
                            + " or more.");
        }
    }

    private void add(List<Refusal> refusals, Code code, String what) {
        refusals.add(new Refusal(code, mapping.topic(), "Topic " + mapping.topic() + " " + what));
    }
}
