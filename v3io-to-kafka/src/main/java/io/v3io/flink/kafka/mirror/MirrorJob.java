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

import io.v3io.client.model.ShardId;
import io.v3io.flink.kafka.config.JobSettings.OnLoss;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Builds the job. Source and writer of a shard are one task, so its records stay in order. */
final class MirrorJob {

    private static final String SOURCE = "v3io";
    private static final String SINK = "kafka";

    /** With ever longer pauses; some ten minutes. */
    private static final int ATTEMPTS = 20;

    private MirrorJob() {}

    /**
     * Adds the job to an environment.
     *
     * @param untilEnd whether it ends with the records that are there when it starts
     */
    static void define(StreamExecutionEnvironment env, MirrorSpec spec, boolean untilEnd) {
        env.configure(settings(spec.config()));
        env.getConfig().enableObjectReuse();
        if (spec.config().job().parallelism() != null) {
            env.setParallelism(spec.config().job().parallelism());
        }
        env.fromSource(source(spec, untilEnd), WatermarkStrategy.noWatermarks(), SOURCE)
                .uid(SOURCE)
                .sinkTo(new TopicSink(spec))
                .name(SINK)
                .uid(SINK);
    }

    private static Configuration settings(MigrationConfig config) {
        Configuration settings = new Configuration();
        settings.set(
                CheckpointingOptions.CHECKPOINTING_INTERVAL, config.job().checkpointInterval());
        // What fails again and again without any progress is for somebody to look at.
        settings.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF,
                Duration.ofSeconds(1));
        settings.set(
                RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF,
                Duration.ofSeconds(30));
        settings.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_ATTEMPTS, ATTEMPTS);
        return settings;
    }

    private static V3ioSource<ShardRecord> source(MirrorSpec spec, boolean untilEnd) {
        MigrationConfig config = spec.config();
        V3ioSourceBuilder<ShardRecord> source =
                V3ioSource.<ShardRecord>builder()
                        .configureClient(config.v3io()::configure)
                        .setStreams(config.streams().stream().map(StreamMapping::stream).toList())
                        .setStartingPosition(StartingPosition.sequenceNumbers(starts(spec)))
                        .setOnDataLoss(
                                config.job().onDataLoss() == OnLoss.FAIL
                                        ? OnDataLoss.FAIL
                                        : OnDataLoss.EARLIEST)
                        .setDeserializer(
                                new ShardRecordSchema(
                                        config.streams().stream()
                                                .map(StreamMapping::path)
                                                .toList()));
        if (untilEnd) {
            source.setUnbounded(StoppingPosition.latest());
        }
        return source.build();
    }

    private static Map<ShardId, Long> starts(MirrorSpec spec) {
        Map<ShardId, Long> starts = new HashMap<>();
        for (StreamMapping mapping : spec.config().streams()) {
            spec.starts()
                    .forEach(
                            (partition, number) -> {
                                if (partition.topic().equals(mapping.topic())) {
                                    starts.put(mapping.path().shard(partition.partition()), number);
                                }
                            });
        }
        return starts;
    }
}
