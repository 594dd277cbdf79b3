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

package io.v3io.flink.table;

import io.v3io.flink.source.V3ioSource;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.transformations.SourceTransformationWrapper;
import org.apache.flink.table.connector.ProviderContext;
import org.apache.flink.table.connector.source.DataStreamScanProvider;
import org.apache.flink.table.data.RowData;

import javax.annotation.Nullable;

import java.util.Optional;

/**
 * Gives the source together with a watermark strategy, which Flink's {@code SourceProvider} cannot:
 * only so are watermarks made for each shard, and shards aligned.
 */
final class WatermarkedScanProvider implements DataStreamScanProvider {

    private static final String NAME = "V3IO";

    private final V3ioSource<RowData> source;
    private final WatermarkStrategy<RowData> watermarkStrategy;
    @Nullable private final Integer parallelism;

    /**
     * Provides a source to the planner.
     *
     * @param parallelism null for that of the job
     */
    WatermarkedScanProvider(
            V3ioSource<RowData> source,
            WatermarkStrategy<RowData> watermarkStrategy,
            @Nullable Integer parallelism) {
        this.source = source;
        this.watermarkStrategy = watermarkStrategy;
        this.parallelism = parallelism;
    }

    @Override
    public DataStream<RowData> produceDataStream(
            ProviderContext context, StreamExecutionEnvironment env) {
        DataStreamSource<RowData> stream = env.fromSource(source, watermarkStrategy, NAME);
        context.generateUid("source").ifPresent(stream::uid);
        return new DataStream<>(env, new LineageKeeping(stream.getTransformation()));
    }

    @Override
    public boolean isBounded() {
        return source.getBoundedness() == Boundedness.BOUNDED;
    }

    @Override
    public Optional<Integer> getParallelism() {
        return Optional.ofNullable(parallelism);
    }

    /**
     * The source, as something that Flink's planner does not recognize as one. It would replace the
     * source's lineage, which names endpoint and stream, by one of the table's name only, as it
     * does for every source that does not come from a {@code SourceProvider}. In the job there is
     * only the source itself; what the planner sets here is set there. All but the type of the
     * rows, which the source has already.
     */
    private static final class LineageKeeping extends SourceTransformationWrapper<RowData> {

        private final Transformation<RowData> source;

        LineageKeeping(Transformation<RowData> source) {
            super(source);
            this.source = source;
        }

        @Override
        public void setName(String name) {
            super.setName(name);
            source.setName(name);
        }

        @Override
        public void setDescription(String description) {
            super.setDescription(description);
            source.setDescription(description);
        }

        @Override
        public void setUid(String uid) {
            source.setUid(uid);
        }

        @Override
        public void setParallelism(int parallelism, boolean isConfigured) {
            super.setParallelism(parallelism, isConfigured);
            source.setParallelism(parallelism, isConfigured);
        }
    }
}
