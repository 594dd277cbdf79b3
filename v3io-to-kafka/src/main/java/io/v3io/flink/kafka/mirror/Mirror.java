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

package io.v3io.flink.kafka.mirror;

import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.plan.Plan;
import io.v3io.flink.kafka.plan.Planner;
import io.v3io.flink.kafka.plan.Refusal;
import io.v3io.flink.kafka.plan.StreamPlan;
import io.v3io.flink.kafka.state.KeyedTopic;
import io.v3io.flink.kafka.state.Run;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.state.TopicOwner;
import io.v3io.flink.kafka.topic.KafkaAccess;

import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Starts a mirror: everything that can be refused is, before the first byte is copied. */
public final class Mirror {

    /** A run that shows nothing for so many checkpoints is dead, or waits to be started again. */
    private static final int SILENT_CHECKPOINTS = 3;

    private final MigrationConfig config;
    private final KafkaAccess access;
    private final StateTopic state;
    private final String runId = UUID.randomUUID().toString();
    private final Map<TopicPartition, Long> starts = new HashMap<>();
    private final Map<String, KeyedTopic> keyed = new HashMap<>();
    private int shards;

    /** Copies the streams of a configuration; connects to nothing yet. */
    public Mirror(MigrationConfig config) {
        this.config = config;
        access = new KafkaAccess(config.kafka());
        state = new StateTopic(access);
    }

    /**
     * Checks everything and makes topics, so that a job can be started.
     *
     * @return why it must not be; empty if {@link #start} may be called
     */
    public List<Refusal> prepare() throws InterruptedException {
        Plan plan = new Planner(config, InstantSource.system()).plan();
        if (!plan.refusals().isEmpty()) {
            return plan.refusals();
        }
        Optional<Run> latest = latestRun();
        if (latest.filter(Run::running).isPresent() && isAlive()) {
            return List.of(
                    new Refusal(
                            Refusal.Code.RUNNING,
                            config.mirror(),
                            "Mirror '"
                                    + config.mirror()
                                    + "' is running; it was started on "
                                    + latest.get().host()
                                    + ". Stop that one first, or follow it with 'status'."));
        }
        try (Admin admin = access.admin()) {
            state.create(admin);
            for (StreamPlan stream : plan.streams()) {
                String id = makeTopic(admin, stream);
                if (stream.mapping().isByKey()) {
                    keyed.put(stream.mapping().topic(), new KeyedTopic(id, stream.partitions()));
                }
            }
        }
        Optional<Refusal> refusal = checkTransactions(plan.streams().get(0).mapping().topic());
        if (refusal.isPresent()) {
            return List.of(refusal.get());
        }
        // The topics come first: one that has an owner and is not there was deleted.
        Map<String, Object> values = new HashMap<>();
        for (StreamPlan stream : plan.streams()) {
            values.put(
                    StateKeys.topic(stream.mapping().topic()),
                    new TopicOwner(
                            config.mirror(),
                            stream.mapping().stream(),
                            keyed.get(stream.mapping().topic())));
            stream.starts()
                    .forEach(
                            (shard, number) ->
                                    starts.put(
                                            new TopicPartition(stream.mapping().topic(), shard),
                                            number));
        }
        shards = plan.streams().stream().mapToInt(StreamPlan::partitions).sum();
        values.put(StateKeys.run(config.mirror()), run(true));
        state.write(values);
        return List.of();
    }

    private Optional<Run> latestRun() {
        return state.read().get(StateKeys.run(config.mirror()), Run.class);
    }

    private boolean isAlive() {
        Duration silence = config.job().checkpointInterval().multipliedBy(SILENT_CHECKPOINTS);
        return state.isWritten(StateKeys.run(config.mirror()), silence);
    }

    private Run run(boolean running) {
        String host;
        try {
            host = InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            host = "an unknown host";
        }
        return new Run(runId, host, 0, running);
    }

    /** Returns Kafka's id of the topic, which matters where keys decide on partitions. */
    private String makeTopic(Admin admin, StreamPlan plan) throws InterruptedException {
        String name = plan.mapping().topic();
        if (plan.topic().exists()) {
            if (plan.topic().partitions() < plan.partitions()) {
                KafkaAccess.get(
                        admin.createPartitions(
                                        Map.of(name, NewPartitions.increaseTo(plan.partitions())))
                                .all());
            }
            return plan.topic().id();
        }
        NewTopic topic =
                new NewTopic(
                        name,
                        Optional.of(plan.partitions()),
                        Optional.of(config.kafka().replicationFactor()).filter(n -> n > 0));
        try {
            CreateTopicsResult made = admin.createTopics(List.of(topic.configs(plan.settings())));
            KafkaAccess.get(made.all());
            return plan.mapping().isByKey() ? KafkaAccess.get(made.topicId(name)).toString() : "";
        } catch (TopicExistsException e) {
            throw new IllegalStateException(
                    "Topic " + name + " was made by somebody else just now. Start again.", e);
        }
    }

    /** Whether this user may write in transactions; fences whoever has written before. */
    private Optional<Refusal> checkTransactions(String topic) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (Producer<byte[], byte[]> producer =
                access.producer(
                        Map.of("transactional.id", PartitionTakeover.transactionalId(partition)))) {
            producer.initTransactions();
            return Optional.empty();
        } catch (AuthorizationException e) {
            return Optional.of(
                    new Refusal(
                            Refusal.Code.KAFKA_ACCESS,
                            topic,
                            "This user may not write in transactions. Grant WRITE and DESCRIBE on the transactional ids that"
                                    + " begin with '"
                                    + PartitionTakeover.TRANSACTIONAL_IDS
                                    + "' (kafka-acls.sh --add --resource-pattern-type prefixed). "
                                    + e.getMessage()));
        }
    }

    /**
     * Starts the job; to be called once, after {@link #prepare}.
     *
     * @param untilEnd whether it ends with the records that are there when it starts
     */
    public JobClient start(StreamExecutionEnvironment env, boolean untilEnd) throws Exception {
        if (config.job().parallelism() == null) {
            env.setParallelism(Math.max(1, Math.min(env.getParallelism(), shards)));
        }
        MirrorJob.define(env, new MirrorSpec(config, runId, starts, keyed), untilEnd);
        return env.executeAsync("v3io-to-kafka " + config.mirror());
    }

    /** Takes down that this run has ended, so that the next one need not wait for signs of life. */
    public void ended() throws InterruptedException {
        if (latestRun().filter(run -> run.id().equals(runId)).isPresent()) {
            state.write(StateKeys.run(config.mirror()), run(false));
        }
    }
}
