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

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

import javax.annotation.Nullable;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * How rows are encoded: by one format for the data and perhaps one for the partition key.
 *
 * @param format of the data
 * @param keyFormat null without
 * @param columns which of them encodes what
 */
record RowEncoding(
        EncodingFormat<SerializationSchema<RowData>> format,
        @Nullable EncodingFormat<SerializationSchema<RowData>> keyFormat,
        RecordColumns columns) {

    ChangelogMode changelogMode() {
        return format.getChangelogMode();
    }

    /** The physical columns; metadata stands after them. */
    RowType row() {
        return (RowType) columns.physicalType().getLogicalType();
    }

    /** The format's own, by its keys. */
    Map<String, DataType> writableMetadata() {
        return format.listWritableMetadata();
    }

    /**
     * Makes the serializer that encodes rows to records.
     *
     * @param metadataKeys what is written after the physical columns, by the keys of the table
     * @param isEmptyForNull whether a row that the format makes nothing of has no data
     */
    RowSerializer serializer(
            DynamicTableSink.Context context, List<String> metadataKeys, boolean isEmptyForNull) {
        // Copies of a table sink share the format, so that it is told what this one needs.
        if (!format.listWritableMetadata().isEmpty()) {
            format.applyWritableMetadata(FormatMetadata.keys(metadataKeys));
        }
        return new RowSerializer(
                format.createRuntimeEncoder(context, columns.valueType()),
                IntStream.concat(
                                IntStream.of(columns.value()),
                                FormatMetadata.positions(metadataKeys)
                                        .map(position -> row().getFieldCount() + position))
                        .toArray(),
                keyFormat == null
                        ? null
                        : new FormattedPartitionKey(
                                keyFormat.createRuntimeEncoder(context, columns.keyType()),
                                columns.key()),
                isEmptyForNull);
    }
}
