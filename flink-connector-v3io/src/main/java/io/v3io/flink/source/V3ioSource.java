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

package io.v3io.flink.source;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientConfig;
import io.v3io.flink.lineage.StreamSourceLineageVertex;
import io.v3io.flink.source.enumerator.EnumeratorSettings;
import io.v3io.flink.source.enumerator.V3ioEnumeratorState;
import io.v3io.flink.source.enumerator.V3ioEnumeratorStateSerializer;
import io.v3io.flink.source.enumerator.V3ioSourceEnumerator;
import io.v3io.flink.source.reader.FailingReader;
import io.v3io.flink.source.reader.OpenedSchema;
import io.v3io.flink.source.reader.ReaderSettings;
import io.v3io.flink.source.reader.V3ioSourceReader;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.source.split.V3ioShardSplitSerializer;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;
import org.apache.flink.util.UserCodeClassLoader;

import javax.annotation.Nullable;

/**
 * Reads V3IO streams. Every record is emitted exactly once with respect to checkpoints, in the
 * order of its shard, with its arrival time as timestamp; through restarts, rescaling, growth of
 * the stream and transient faults of the platform. When records are lost because retention removed
 * them first, or a stream was deleted and created again, the job fails and says so.
 *
 * <pre>{@code
 * V3ioSource<String> source =
 *         V3ioSource.<String>builder()
 *                 .setEndpoint("http://127.0.0.1:8081")
 *                 .setStream("users/me/examples/words")
 *                 .setStartingPosition(StartingPosition.earliest())
 *                 .setDeserializer(new SimpleStringSchema())
 *                 .build();
 * DataStream<String> words =
 *         env.fromSource(source, WatermarkStrategy.forMonotonousTimestamps(), "words");
 * }</pre>
 *
 * <p>Immutable and serializable. An access key that was given literally travels with the job graph;
 * one from the environment or a file is read where the job runs.
 *
 * @param <OUT> type of the elements
 */
@PublicEvolving
public final class V3ioSource<OUT>
        implements Source<OUT, V3ioShardSplit, V3ioEnumeratorState>,
                ResultTypeQueryable<OUT>,
                LineageVertexProvider {

    private static final long serialVersionUID = 1L;

    private final V3ioClientConfig clientConfig;
    private final EnumeratorSettings enumeratorSettings;
    private final Boundedness boundedness;
    private final ReaderSettings readerSettings;
    @Nullable private final String consumerGroup;
    private final V3ioDeserializationSchema<OUT> deserializer;

    V3ioSource(
            V3ioClientConfig clientConfig,
            EnumeratorSettings enumeratorSettings,
            Boundedness boundedness,
            ReaderSettings readerSettings,
            @Nullable String consumerGroup,
            V3ioDeserializationSchema<OUT> deserializer) {
        this.clientConfig = clientConfig;
        this.enumeratorSettings = enumeratorSettings;
        this.boundedness = boundedness;
        this.readerSettings = readerSettings;
        this.consumerGroup = consumerGroup;
        this.deserializer = deserializer;
    }

    /** Starts a source. */
    public static <OUT> V3ioSourceBuilder<OUT> builder() {
        return new V3ioSourceBuilder<>();
    }

    @Override
    public Boundedness getBoundedness() {
        return boundedness;
    }

    @Override
    public SourceReader<OUT, V3ioShardSplit> createReader(SourceReaderContext context) {
        try {
            return reader(context);
        } catch (Exception e) {
            return new FailingReader<>(e);
        }
    }

    private SourceReader<OUT, V3ioShardSplit> reader(SourceReaderContext context) throws Exception {
        OpenedSchema<OUT> schema =
                new OpenedSchema<>(
                        deserializer,
                        new DeserializerContext(context),
                        readerSettings.onDeserializationFailure());
        return new V3ioSourceReader<>(
                context,
                V3ioClient.create(clientConfig),
                schema,
                readerSettings.ofOneReader(context.currentParallelism()),
                enumeratorSettings.onUnsubscribedStream() == OnUnsubscribedStream.DROP
                        ? enumeratorSettings.subscription()
                        : null,
                consumerGroup);
    }

    @Override
    public SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> createEnumerator(
            SplitEnumeratorContext<V3ioShardSplit> context) {
        return enumerator(context, null);
    }

    @Override
    public SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<V3ioShardSplit> context, V3ioEnumeratorState state) {
        return enumerator(context, state);
    }

    private SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> enumerator(
            SplitEnumeratorContext<V3ioShardSplit> context, @Nullable V3ioEnumeratorState state) {
        return new V3ioSourceEnumerator(
                context, () -> V3ioClient.create(clientConfig), enumeratorSettings, state);
    }

    @Override
    public SimpleVersionedSerializer<V3ioShardSplit> getSplitSerializer() {
        return V3ioShardSplitSerializer.INSTANCE;
    }

    @Override
    public SimpleVersionedSerializer<V3ioEnumeratorState> getEnumeratorCheckpointSerializer() {
        return V3ioEnumeratorStateSerializer.INSTANCE;
    }

    @Override
    public TypeInformation<OUT> getProducedType() {
        return deserializer.getProducedType();
    }

    /** For Flink's lineage: the endpoint as namespace, the streams as names. */
    @Override
    public LineageVertex getLineageVertex() {
        return StreamSourceLineageVertex.of(
                clientConfig.endpoint(), enumeratorSettings.subscription().names(), boundedness);
    }

    private record DeserializerContext(SourceReaderContext context)
            implements DeserializationSchema.InitializationContext {

        @Override
        public MetricGroup getMetricGroup() {
            return context.metricGroup().addGroup("deserializer");
        }

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return context.getUserCodeClassLoader();
        }
    }
}
