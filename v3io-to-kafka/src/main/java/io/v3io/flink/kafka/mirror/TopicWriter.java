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

import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.Run;
import io.v3io.flink.kafka.state.StateKeys;
import io.v3io.flink.kafka.state.StateTopic;
import io.v3io.flink.kafka.topic.KafkaAccess;

import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.concurrent.ExecutorThreadFactory;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Writes the shards that one subtask reads. All methods are called by the task's thread. */
final class TopicWriter implements SinkWriter<ShardRecord> {

    private static final int COMMITTING_THREADS = 8;

    private final MirrorSpec spec;
    private final ProcessingTimeService time;
    private final PartitionTakeover takeover;
    private final LifeSigns lifeSigns;
    private final List<RecordFormat> formats = new ArrayList<>();
    private final List<Map<Integer, ShardProducer>> producers = new ArrayList<>();
    private final ExecutorService committing =
            Executors.newFixedThreadPool(
                    COMMITTING_THREADS, new ExecutorThreadFactory("v3io-to-kafka-commit"));
    private final Counter written;
    private final Counter writtenBytes;
    private final Counter copiedBefore;

    private TopicWriter(
            MirrorSpec spec,
            WriterInitContext context,
            PartitionTakeover takeover,
            LifeSigns lifeSigns) {
        this.spec = spec;
        this.takeover = takeover;
        this.lifeSigns = lifeSigns;
        time = context.getProcessingTimeService();
        for (StreamMapping mapping : spec.config().streams()) {
            formats.add(spec.format(mapping));
            producers.add(new HashMap<>());
        }
        written = context.metricGroup().getNumRecordsSendCounter();
        writtenBytes = context.metricGroup().getNumBytesSendCounter();
        copiedBefore = context.metricGroup().counter("recordsCopiedBefore");
    }

    static TopicWriter open(MirrorSpec spec, WriterInitContext context) {
        KafkaAccess access = new KafkaAccess(spec.config().kafka());
        StateTopic topic = new StateTopic(access);
        PartitionTakeover takeover = new PartitionTakeover(access, topic, spec);
        Run run =
                takeover.stateAtStart()
                        .get(StateKeys.run(spec.config().mirror()), Run.class)
                        .orElseThrow(
                                () ->
                                        new MirrorException(
                                                "The state topic "
                                                        + topic.name()
                                                        + " knows nothing of mirror '"
                                                        + spec.config().mirror()
                                                        + "', which this job goes on with: its topic is another one, or was"
                                                        + " deleted. Start the mirror without a checkpoint."));
        if (!run.id().equals(spec.runId())) {
            throw new MirrorException(
                    "Mirror '"
                            + spec.config().mirror()
                            + "' was started again on "
                            + run.host()
                            + ". This run ends: only one can write.");
        }
        boolean isFirst = context.getTaskInfo().getIndexOfThisSubtask() == 0;
        LifeSigns lifeSigns = isFirst ? new LifeSigns(access, topic, spec, run) : LifeSigns.NONE;
        TopicWriter writer = new TopicWriter(spec, context, takeover, lifeSigns);
        writer.scheduleCommit();
        return writer;
    }

    private void scheduleCommit() {
        var unused =
                time.registerTimer(
                        time.getCurrentProcessingTime()
                                + spec.config().job().commitInterval().toMillis(),
                        now -> {
                            commit();
                            scheduleCommit();
                        });
    }

    @Override
    public void write(ShardRecord record, Context context)
            throws IOException, InterruptedException {
        Map<Integer, ShardProducer> ofTopic = producers.get(record.mapping);
        ShardProducer producer = ofTopic.get(record.shard);
        if (producer == null) {
            // Others may wait for the transactions that are open here.
            commit();
            producer = takeover.takeOver(partition(record), formats.get(record.mapping));
            ofTopic.put(record.shard, producer);
        }
        if (producer.write(record)) {
            written.inc();
            writtenBytes.inc(record.data.length);
        } else {
            copiedBefore.inc();
        }
    }

    private TopicPartition partition(ShardRecord record) {
        return new TopicPartition(
                spec.config().streams().get(record.mapping).topic(), record.shard);
    }

    /** Before a checkpoint: whatever was read by then is committed when it completes. */
    @Override
    public void flush(boolean endOfInput) throws IOException, InterruptedException {
        commit();
        lifeSigns.give();
    }

    private void commit() throws InterruptedException {
        List<Future<?>> commits = new ArrayList<>();
        for (Map<Integer, ShardProducer> ofTopic : producers) {
            for (ShardProducer producer : ofTopic.values()) {
                if (producer.inTransaction()) {
                    commits.add(committing.submit(producer::commit));
                }
            }
        }
        for (Future<?> commit : commits) {
            try {
                var unused = commit.get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof RuntimeException failure) {
                    throw failure;
                }
                throw new KafkaException(e.getCause());
            }
        }
    }

    @Override
    public void close() {
        committing.shutdownNow();
        producers.forEach(ofTopic -> ofTopic.values().forEach(ShardProducer::close));
        lifeSigns.close();
    }
}
