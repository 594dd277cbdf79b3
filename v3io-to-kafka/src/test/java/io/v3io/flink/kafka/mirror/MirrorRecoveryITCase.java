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

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.plan.Refusal;
import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.testing.Migration;
import io.v3io.flink.kafka.testing.SharedBroker;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Whatever dies in the middle, every record is in its partition once, in the order of its shard.
 */
@Timeout(240)
class MirrorRecoveryITCase {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private Migration migration;
    private MiniCluster cluster;
    private final AtomicInteger shards = new AtomicInteger(2);
    private final ScheduledExecutorService writer = Executors.newSingleThreadScheduledExecutor();
    private ScheduledFuture<?> writing;
    private int written;

    @BeforeEach
    void start() throws Exception {
        migration = Migration.start().createStream(2);
        Configuration configuration = new Configuration();
        cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(2)
                                .withRandomPorts()
                                .build());
        cluster.start();
        writing = writer.scheduleWithFixedDelay(this::write, 0, 20, TimeUnit.MILLISECONDS);
    }

    @AfterEach
    void end() throws Exception {
        endWriting();
        cluster.close();
        migration.close();
    }

    private void write() {
        for (int shard = 0; shard < shards.get(); shard++) {
            migration.put(shard, "r", written, 2);
        }
        written += 2;
    }

    private void endWriting() throws InterruptedException {
        writer.shutdown();
        assertThat(writer.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
        assertThat(writing.isCancelled()).as("it wrote until it was told to end").isTrue();
    }

    private StreamExecutionEnvironment env() throws Exception {
        URI rest = cluster.getRestAddress().get();
        return StreamExecutionEnvironment.createRemoteEnvironment(rest.getHost(), rest.getPort())
                .setParallelism(2);
    }

    private JobClient start(Mirror mirror, boolean untilEnd) throws Exception {
        assertThat(mirror.prepare()).isEmpty();
        return mirror.start(env(), untilEnd);
    }

    private long copied() {
        return migration.committedOffsets();
    }

    private void awaitMore() {
        long before = copied();
        Awaitility.await("more records are committed")
                .atMost(PATIENCE)
                .until(() -> copied() > before + 20);
    }

    @Test
    void nothingIsLostOrDoubledWhateverDies() throws Exception {
        MigrationConfig config = migration.config();
        Mirror mirror = new Mirror(config);
        JobClient job = start(mirror, false);
        Awaitility.await("the first records").atMost(PATIENCE).until(() -> copied() > 0);

        assertThat(new Mirror(config).prepare())
                .as("a second mirror beside the first")
                .extracting(Refusal::code)
                .containsExactly(Refusal.Code.RUNNING);

        cluster.terminateTaskManager(0).get();
        cluster.startTaskManager();
        awaitMore();

        SharedBroker.get().kill();
        SharedBroker.get().restart();
        awaitMore();

        migration.client().updateStream(Migration.STREAM, 3).join();
        shards.set(3);
        Awaitility.await("the new shard is copied")
                .atMost(PATIENCE)
                .until(() -> migration.partitionCount() == 3 && migration.committedOffset(2) > 0);

        // Not in order: nobody takes down that it has ended.
        job.cancel().get();
        Mirror next = new Mirror(config);
        JobClient second = start(next, false);
        awaitMore();
        second.cancel().get();
        next.ended();

        endWriting();
        Mirror last = new Mirror(config);
        start(last, true).getJobExecutionResult().get();
        last.ended();

        assertIsCopy();
    }

    private void assertIsCopy() throws Exception {
        List<List<ConsumerRecord<byte[], byte[]>>> all = migration.committed();
        assertThat(all).hasSize(3);
        for (int shard = 0; shard < 3; shard++) {
            List<StreamRecord> there = migration.records(shard);
            assertThat(all.get(shard).stream().map(MirrorRecoveryITCase::number).toList())
                    .as("shard " + shard)
                    .isEqualTo(there.stream().map(StreamRecord::sequenceNumber).toList());
            for (int i = 0; i < there.size(); i++) {
                assertThat(all.get(shard).get(i).value()).isEqualTo(there.get(i).data());
            }
        }
    }

    private static long number(ConsumerRecord<byte[], byte[]> record) {
        return Origin.of(record).orElseThrow().sequenceNumber();
    }
}
