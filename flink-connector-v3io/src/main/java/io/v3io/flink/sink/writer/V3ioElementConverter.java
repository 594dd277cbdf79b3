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

package io.v3io.flink.sink.writer;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.ClientInfoSelector;
import io.v3io.flink.sink.PartitionKeySelector;
import io.v3io.flink.sink.ShardIdSelector;
import io.v3io.flink.sink.StreamSelector;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.sink.state.RoutedRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.util.FlinkRuntimeException;

import javax.annotation.Nullable;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a record of an element: data by the serialization schema, route and client info by the
 * user's functions. Every record that it returns keeps the limits of a single record.
 *
 * @param <IN> type of the elements
 */
@Internal
public final class V3ioElementConverter<IN> implements ElementConverter<IN, RoutedRecord> {

    private static final long serialVersionUID = 1L;

    private static final byte[] NO_DATA = {};

    @SuppressWarnings("serial") // List.copyOf is serializable, and javac cannot know it
    private final List<StreamPath> streams;

    private final RecordLimits limits;
    @Nullable private final StreamSelector<? super IN> streamSelector;
    private final SerializationSchema<IN> schema;

    /**
     * A record waits to be sent, and a schema may use its array again, so what it returns is
     * copied. This one is known not to, and so fast that the copy would be felt.
     */
    private final boolean makesNewArrays;

    @Nullable private final PartitionKeySelector<? super IN> partitionKey;
    @Nullable private final ShardIdSelector<? super IN> shardId;
    @Nullable private final ClientInfoSelector<? super IN> clientInfo;

    private final boolean tagRecords;

    /** Names the attempt of the writer; the records of an attempt are counted. */
    @Nullable private transient EpochId tags;

    private transient int nextTag;

    /** What the selector returned, and which of the streams that is. */
    @Nullable private transient Map<String, StreamPath> selected;

    /** At most one of partitionKey and shardId is given; without a selector there is one stream. */
    public V3ioElementConverter(
            List<StreamPath> streams,
            RecordLimits limits,
            @Nullable StreamSelector<? super IN> streamSelector,
            SerializationSchema<IN> schema,
            @Nullable PartitionKeySelector<? super IN> partitionKey,
            @Nullable ShardIdSelector<? super IN> shardId,
            @Nullable ClientInfoSelector<? super IN> clientInfo,
            boolean tagRecords) {
        this.streams = List.copyOf(streams);
        this.limits = limits;
        this.streamSelector = streamSelector;
        this.schema = schema;
        this.makesNewArrays = schema.getClass() == SimpleStringSchema.class;
        this.partitionKey = partitionKey;
        this.shardId = shardId;
        this.clientInfo = clientInfo;
        this.tagRecords = tagRecords;
    }

    @Override
    public void open(WriterInitContext context) {
        if (tagRecords) {
            tags = EpochId.first(context.getTaskInfo().getIndexOfThisSubtask());
            nextTag = 0;
        }
        try {
            schema.open(context.asSerializationSchemaInitializationContext());
        } catch (Exception e) {
            throw new FlinkRuntimeException(
                    "The serialization schema of the sink for "
                            + SinkErrors.names(streams)
                            + " could not be opened.",
                    e);
        }
    }

    /**
     * The record of an element.
     *
     * @throws InvalidRecordException if it breaks a limit of the platform
     */
    @Override
    public RoutedRecord apply(IN element, SinkWriter.Context context) {
        byte[] data = schema.serialize(element);
        if (data == null) {
            throw new InvalidRecordException(
                    SinkErrors.names(streams).toString(),
                    PutRecord.of(NO_DATA),
                    "A record cannot be stored: the serialization schema "
                            + schema.getClass().getName()
                            + " of the sink for "
                            + SinkErrors.names(streams)
                            + " made nothing of an element (it returned null).");
        }
        PutRecord record = PutRecord.of(makesNewArrays ? data : data.clone());
        StreamPath stream = stream(element, record);
        if (shardId != null) {
            Integer shard = shardId.shardId(element);
            if (shard != null) {
                RecordLimits.checkShardId(stream, record, shard);
                record = record.withShardId(shard);
            }
        } else if (partitionKey != null) {
            String key = partitionKey.partitionKey(element);
            record = record.withPartitionKey(key == null || key.isEmpty() ? null : key);
        }
        if (clientInfo != null) {
            byte[] info = clientInfo.clientInfo(element);
            record = record.withClientInfo(info == null ? null : info.clone());
        }
        if (tags != null) {
            record = record.withClientInfo(tags.tag(nextTag));
            nextTag++;
            if (nextTag == 0) {
                tags = tags.next();
            }
        }
        limits.check(stream, record);
        return new RoutedRecord(stream, record);
    }

    private StreamPath stream(IN element, PutRecord record) {
        if (streamSelector == null) {
            return streams.get(0);
        }
        String name = streamSelector.stream(element);
        if (selected == null) {
            selected = new HashMap<>();
            streams.forEach(stream -> selected.put(stream.toString(), stream));
        }
        StreamPath known = selected.get(name);
        return known == null ? declared(name, record) : known;
    }

    /**
     * Finds a stream that is given in another form than before. What was chosen may hold data of
     * the element, so that errors show its length only.
     */
    private StreamPath declared(@Nullable String name, PutRecord record) {
        String chosen = "null";
        if (name != null) {
            chosen = "a stream name of " + name.length() + " characters";
            try {
                StreamPath path = StreamPath.parse(name);
                if (streams.contains(path)) {
                    selected.put(name, path);
                    return path;
                }
            } catch (IllegalArgumentException e) {
                chosen += ", which no stream can have";
            }
        }
        throw new InvalidRecordException(
                String.valueOf(name),
                record,
                "A record cannot be stored: "
                        + SettingNames.STREAM_SELECTOR
                        + " chose "
                        + chosen
                        + ", but "
                        + SettingNames.STREAMS
                        + " names "
                        + SinkErrors.names(streams)
                        + ".");
    }
}
