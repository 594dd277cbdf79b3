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

import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.exactlyonce.ExactlyOnceWriter;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.sink.writer.SinkSettings;
import io.v3io.flink.sink.writer.V3ioElementConverter;

import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.streaming.api.connector.sink2.SupportsPreWriteTopology;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.WithBoundedness;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.Collection;

/**
 * The sink with {@code EXACTLY_ONCE}: its writers hand their records to committers at a checkpoint,
 * and these send them when the checkpoint is complete.
 *
 * @param <IN> type of the elements
 */
final class ExactlyOnceSink<IN> extends V3ioSink<IN> implements SupportsPreWriteTopology<IN> {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(ExactlyOnceSink.class);

    ExactlyOnceSink(
            SinkSettings settings,
            SinkSettings.ExactlyOnce exactlyOnce,
            V3ioElementConverter<IN> converter) {
        super(settings, exactlyOnce, converter);
    }

    @Override
    public StatefulSinkWriter<IN, BufferedRequestState<RoutedRecord>> restoreWriter(
            WriterInitContext context, Collection<BufferedRequestState<RoutedRecord>> restored) {
        return ExactlyOnceWriter.create(
                settings(), exactlyOnce(), getElementConverter(), context, restored);
    }

    /** Adds nothing; it is the place where a sink sees the job that it becomes part of. */
    @Override
    public DataStream<IN> addPreWriteTopology(DataStream<IN> input) {
        StreamExecutionEnvironment environment = input.getExecutionEnvironment();
        if (!environment.getCheckpointConfig().isCheckpointingEnabled()
                && isUnbounded(environment, input.getTransformation())) {
            throw new IllegalArgumentException(
                    "The sink for "
                            + settings().allStreams()
                            + " has the delivery guarantee "
                            + SettingNames.of(DeliveryGuarantee.EXACTLY_ONCE)
                            + ", and stores records when a checkpoint completes, but the job makes"
                            + " none. Set 'execution.checkpointing.interval' (in Java also"
                            + " enableCheckpointing), or choose "
                            + SettingNames.of(
                                    V3ioSinkOptions.DELIVERY_GUARANTEE,
                                    DeliveryGuarantee.AT_LEAST_ONCE)
                            + ".");
        }
        if (environment.getCheckpointConfig().getCheckpointingConsistencyMode()
                == CheckpointingMode.AT_LEAST_ONCE) {
            LOG.warn(
                    "The sink for {} has the delivery guarantee {}, but the job's '{}' is {}: where a"
                            + " task has several inputs, records are stored twice after a failure."
                            + " Set it to {}.",
                    settings().allStreams(),
                    SettingNames.of(DeliveryGuarantee.EXACTLY_ONCE),
                    CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE.key(),
                    CheckpointingMode.AT_LEAST_ONCE.name(),
                    CheckpointingMode.EXACTLY_ONCE.name());
        }
        return input;
    }

    /** A bounded job without checkpoints is well: it commits at its end. */
    private static boolean isUnbounded(
            StreamExecutionEnvironment environment, Transformation<?> input) {
        return environment.getConfiguration().get(ExecutionOptions.RUNTIME_MODE)
                        != RuntimeExecutionMode.BATCH
                && input.getTransitivePredecessors().stream()
                        .anyMatch(ExactlyOnceSink::isUnbounded);
    }

    private static boolean isUnbounded(Transformation<?> transformation) {
        return transformation instanceof WithBoundedness source
                && source.getBoundedness() == Boundedness.CONTINUOUS_UNBOUNDED;
    }
}
