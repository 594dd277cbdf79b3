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

package io.v3io.flink.formats;

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

import javax.annotation.Nullable;

import java.util.List;
import java.util.Map;

/** Writes events: bodies by the format {@code json}, in storey's envelope with their metadata. */
final class StoreyEncodingFormat implements EncodingFormat<SerializationSchema<RowData>> {

    private final EncodingFormat<SerializationSchema<RowData>> json;
    @Nullable private final String bodyField;

    private List<StoreyMetadata> metadata = List.of();

    StoreyEncodingFormat(
            EncodingFormat<SerializationSchema<RowData>> json, ReadableConfig options) {
        this.json = json;
        this.bodyField = options.getOptional(StoreyJsonOptions.BODY_FIELD).orElse(null);
    }

    @Override
    public Map<String, DataType> listWritableMetadata() {
        return StoreyMetadata.writable();
    }

    @Override
    public void applyWritableMetadata(List<String> metadataKeys) {
        metadata = StoreyMetadata.named(metadataKeys);
        if (metadata.contains(StoreyMetadata.KEY) && metadata.contains(StoreyMetadata.KEYS)) {
            throw new ValidationException(
                    "The key of an event would be written by the metadata columns 'key' and 'keys' of format '"
                            + StoreyJsonFormatFactory.IDENTIFIER
                            + "'. Keep one of them; a metadata column that is only to be read is declared VIRTUAL.");
        }
    }

    @Override
    public SerializationSchema<RowData> createRuntimeEncoder(
            DynamicTableSink.Context context, DataType physicalType) {
        BodyField.check(bodyField, physicalType);
        return new StoreyRowSerializer(
                json.createRuntimeEncoder(context, physicalType),
                bodyField != null,
                DataType.getFieldCount(physicalType),
                metadata);
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return json.getChangelogMode();
    }
}
