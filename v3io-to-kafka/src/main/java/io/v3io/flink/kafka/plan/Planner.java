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

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.plan.Refusal.Code;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateSnapshot;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.TopicOwner;
import io.v3io.flink.kafka.stream.StreamFacts;
import io.v3io.flink.kafka.stream.StreamSurvey;
import io.v3io.flink.kafka.topic.KafkaAccess;
import io.v3io.flink.kafka.topic.TopicFacts;
import io.v3io.flink.kafka.topic.TopicSurvey;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.AuthorizationException;

import javax.annotation.Nullable;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Looks at both sides and says what a mirror would do. Writes nothing. */
public final class Planner {

    private final MigrationConfig config;
    private final InstantSource clock;
    private final List<Refusal> refusals = new ArrayList<>();

    /** Plans what a configuration asks for; connects to nothing yet. */
    public Planner(MigrationConfig config, InstantSource clock) {
        this.config = config;
        this.clock = clock;
    }

    /** Looks at both sides, and returns the plan for what it finds there. */
    public Plan plan() throws InterruptedException {
        KafkaAccess access = new KafkaAccess(config.kafka());
        List<StreamPlan> plans = new ArrayList<>();
        refusals.clear();
        try (V3ioClient client = config.v3io().client();
                Admin admin = access.admin();
                Consumer<byte[], byte[]> consumer = access.committedRecords()) {
            TopicSurvey topics = new TopicSurvey(admin, consumer);
            StateSnapshot state = state(topics, new StateTopic(access));
            for (StreamMapping mapping : config.streams()) {
                // The topic first: a mirror that runs must not seem to be ahead of its stream.
                TopicFacts topic = topic(topics, mapping.topic());
                StreamFacts stream = stream(client, mapping);
                if (stream != null && topic != null) {
                    plans.add(plan(client, mapping, stream, topic, state(mapping, topic, state)));
                }
            }
            if (plans.stream().anyMatch(plan -> !plan.topic().exists())) {
                checkCreation(topics);
            }
        }
        return new Plan(plans, List.copyOf(refusals));
    }

    private StateSnapshot state(TopicSurvey topics, StateTopic stateTopic)
            throws InterruptedException {
        TopicFacts facts = topic(topics, stateTopic.name());
        if (facts == null) {
            return StateSnapshot.empty();
        }
        if (!facts.exists()) {
            checkCreation(topics);
            return StateSnapshot.empty();
        }
        Optional<String> refusal =
                StateTopic.refuse(
                        facts.partitions(),
                        facts.config().getOrDefault(TopicConfig.CLEANUP_POLICY_CONFIG, ""));
        if (refusal.isPresent()) {
            refuse(
                    Code.STATE_TOPIC,
                    stateTopic.name(),
                    "The topic "
                            + stateTopic.name()
                            + " cannot hold the state of mirrors: "
                            + refusal.get()
                            + ". Name another one as 'kafka.state-topic'; the mirror makes it.");
            return StateSnapshot.empty();
        }
        return stateTopic.read();
    }

    /**
     * By key, what is copied stands in the state alone. Read after the topic, and when the
     * transactions of that time have ended, it knows of every record that was seen there.
     */
    private StateSnapshot state(StreamMapping mapping, TopicFacts topic, StateSnapshot before) {
        return mapping.isByKey()
                        && topic.exists()
                        && refusals.stream().noneMatch(known -> known.code() == Code.STATE_TOPIC)
                ? new StateTopic(new KafkaAccess(config.kafka()))
                        .readSettled(config.job().transactionTimeout())
                : before;
    }

    private void checkCreation(TopicSurvey topics) throws InterruptedException {
        if (refusals.stream().anyMatch(known -> known.subject().equals("cluster"))) {
            return;
        }
        if (!topics.mayCreate()) {
            refuse(
                    Code.KAFKA_ACCESS,
                    "cluster",
                    "This user may not make topics. Grant CREATE on the cluster, or make the topics yourself as the plan"
                            + " shows them.");
        }
        int brokers = topics.brokers();
        if (config.kafka().replicationFactor() > brokers) {
            refuse(
                    Code.REPLICATION,
                    "cluster",
                    "'kafka.replication-factor' is "
                            + config.kafka().replicationFactor()
                            + ", but there are "
                            + brokers
                            + " brokers. Lower it, or add brokers.");
        }
    }

    @Nullable
    private StreamFacts stream(V3ioClient client, StreamMapping mapping)
            throws InterruptedException {
        try {
            return new StreamSurvey(client).look(mapping.path());
        } catch (V3ioException e) {
            switch (e.kind()) {
                case NOT_FOUND, NOT_A_STREAM ->
                        refuse(
                                Code.NO_STREAM,
                                mapping.stream(),
                                "There is no stream "
                                        + mapping.stream()
                                        + " at "
                                        + config.v3io().address()
                                        + ". Correct 'stream', or take it out of the configuration.");
                case PERMISSION_DENIED ->
                        refuse(
                                Code.V3IO_ACCESS,
                                mapping.stream(),
                                "The access key may not read stream "
                                        + mapping.stream()
                                        + ". Grant it to read the stream's directory (a change may take 30 seconds to spread),"
                                        + " or use another key. "
                                        + e.getMessage());
                default -> throw e;
            }
            return null;
        }
    }

    @Nullable
    private TopicFacts topic(TopicSurvey topics, String topic) throws InterruptedException {
        try {
            return topics.look(topic);
        } catch (AuthorizationException e) {
            refuse(
                    Code.KAFKA_ACCESS,
                    topic,
                    "This user may not look at topic "
                            + topic
                            + ". Grant DESCRIBE, DESCRIBE_CONFIGS, READ, WRITE and ALTER on it. "
                            + e.getMessage());
            return null;
        }
    }

    private StreamPlan plan(
            V3ioClient client,
            StreamMapping mapping,
            StreamFacts stream,
            TopicFacts topic,
            StateSnapshot state)
            throws InterruptedException {
        Instant now = clock.instant();
        TopicRules rules = new TopicRules(mapping, stream, now);
        Resumption resumption =
                new Resumption(client, mapping, config.job().onDataLoss(), state, refusals);
        refusals.addAll(TopicOwnership.check(config.mirror(), mapping, topic, state));
        if (topic.exists()) {
            if (topic.isReadable()) {
                resumption.find(stream, topic);
            }
            boolean ours =
                    state.get(StateKeys.topic(mapping.topic()), TopicOwner.class).isPresent();
            refusals.addAll(rules.check(topic, ours, resumption.ageOfOldest(stream, now)));
        }
        if (stream.largestSeen() > mapping.largestRecord()) {
            refuse(
                    Code.LARGEST_RECORD,
                    mapping.stream(),
                    "Stream "
                            + mapping.stream()
                            + " has a record of "
                            + stream.largestSeen()
                            + " bytes, but 'largest-record' is "
                            + mapping.largestRecord()
                            + ". Raise it.");
        }
        return new StreamPlan(
                mapping,
                stream,
                topic,
                mapping.isByKey() && topic.exists()
                        ? topic.partitions()
                        : Math.max(topic.partitions(), stream.shards().size()),
                topic.exists() ? Map.of() : rules.settings(),
                resumption.copied(),
                resumption.starts());
    }

    private void refuse(Code code, String subject, String message) {
        refusals.add(new Refusal(code, subject, message));
    }
}
