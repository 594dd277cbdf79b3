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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.lineage.StreamSinkLineageVertex;
import io.v3io.flink.sink.exactlyonce.EpochCommitter;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochSerializer;
import io.v3io.flink.sink.state.RoutedRecord;
import io.v3io.flink.sink.state.RoutedRecordStateSerializer;
import io.v3io.flink.sink.writer.SinkSettings;
import io.v3io.flink.sink.writer.V3ioElementConverter;
import io.v3io.flink.sink.writer.V3ioSinkWriter;

import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommitterInitContext;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.SupportsCommitter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.AsyncSinkBase;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.lineage.LineageVertex;
import org.apache.flink.streaming.api.lineage.LineageVertexProvider;

import java.io.IOException;
import java.util.Collection;
import java.util.List;

/**
 * A Flink sink that writes each element as one record of a V3IO stream.
 *
 * <pre>{@code
 * V3ioSink<String> sink =
 *         V3ioSink.<String>builder()
 *                 .setEndpoint("http://127.0.0.1:8081")
 *                 .setAccessKeyFile(Path.of("/var/run/secrets/v3io/access-key"))
 *                 .setStream("users/me/orders")
 *                 .setSerializationSchema(new SimpleStringSchema())
 *                 .setPartitionKey(order -> order.substring(0, order.indexOf(',')))
 *                 .build();
 * orders.sinkTo(sink);
 * }</pre>
 *
 * <p>By default a record is stored at least once: a checkpoint completes when all records before it
 * are stored, and after a failure the job repeats what came after its last checkpoint. A request
 * whose answer got lost is repeated, too. So the stream may hold a record more than once, unless
 * {@link V3ioSinkBuilder#setDeliveryGuarantee} asks for exactly once.
 *
 * <p>Requests are in flight together and repeated independently. {@link V3ioSinkBuilder#setOrder}
 * says in which order records of one key or shard are stored all the same.
 *
 * @param <IN> type of the elements
 */
@PublicEvolving
public class V3ioSink<IN> extends AsyncSinkBase<IN, RoutedRecord>
        implements SupportsCommitter<Epoch>, LineageVertexProvider {

    private static final long serialVersionUID = 1L;

    private final SinkSettings settings;
    private final SinkSettings.ExactlyOnce exactlyOnce;

    V3ioSink(
            SinkSettings settings,
            SinkSettings.ExactlyOnce exactlyOnce,
            V3ioElementConverter<IN> converter) {
        super(
                converter,
                settings.maxBatchSize(),
                settings.maxInFlightRequests(),
                settings.maxBufferedRequests(),
                settings.maxRecordBytesPerRequest(),
                settings.maxTimeInBuffer().toMillis(),
                settings.maxRecordBytesPerRequest(),
                SinkSettings.BATCH_TIMEOUT.toMillis(),
                true);
        this.settings = settings;
        this.exactlyOnce = exactlyOnce;
    }

    /** Starts a sink's configuration. */
    public static <IN> V3ioSinkBuilder<IN> builder() {
        return new V3ioSinkBuilder<>();
    }

    @Internal
    @Override
    public StatefulSinkWriter<IN, BufferedRequestState<RoutedRecord>> createWriter(
            WriterInitContext context) throws IOException {
        return restoreWriter(context, List.of());
    }

    @Internal
    @Override
    public StatefulSinkWriter<IN, BufferedRequestState<RoutedRecord>> restoreWriter(
            WriterInitContext context, Collection<BufferedRequestState<RoutedRecord>> restored)
            throws IOException {
        return V3ioSinkWriter.create(settings, getElementConverter(), context, restored);
    }

    @Internal
    @Override
    public SimpleVersionedSerializer<BufferedRequestState<RoutedRecord>>
            getWriterStateSerializer() {
        return new RoutedRecordStateSerializer(settings::sizeInBytes);
    }

    /**
     * Without {@code EXACTLY_ONCE} there is nothing to commit but the epochs of a savepoint that
     * was taken with it.
     */
    @Internal
    @Override
    public Committer<Epoch> createCommitter(CommitterInitContext context) {
        return new EpochCommitter(settings, exactlyOnce, context);
    }

    @Internal
    @Override
    public SimpleVersionedSerializer<Epoch> getCommittableSerializer() {
        return new EpochSerializer();
    }

    /** For Flink's lineage: the endpoint as namespace, the streams as names. */
    @Override
    public LineageVertex getLineageVertex() {
        return StreamSinkLineageVertex.of(
                settings.client().endpoint(),
                settings.allStreams().stream().map(StreamPath::toString).toList());
    }

    SinkSettings settings() {
        return settings;
    }

    SinkSettings.ExactlyOnce exactlyOnce() {
        return exactlyOnce;
    }
}
