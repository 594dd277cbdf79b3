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

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.EncodingFormat;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.connector.sink.abilities.SupportsPartitioning;
import org.apache.flink.table.connector.sink.abilities.SupportsWritingMetadata;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.RowType;

import java.util.List;
import java.util.Map;

/** A stream as a table to write to. */
@Internal
final class V3ioTableSink
        implements DynamicTableSink, SupportsWritingMetadata, SupportsPartitioning {

    private final WriteSettings settings;
    private final EncodingFormat<SerializationSchema<RowData>> format;
    private final DataType physicalType;
    private final List<String> partitionColumns;
    private final List<String> primaryKey;

    private List<String> metadataKeys = List.of();

    /**
     * A sink for rows without metadata.
     *
     * @param settings the table's options
     * @param format makes the data of records
     * @param physicalType the columns that the format encodes
     * @param partitionColumns those of PARTITIONED BY
     * @param primaryKey those of the primary key
     */
    V3ioTableSink(
            WriteSettings settings,
            EncodingFormat<SerializationSchema<RowData>> format,
            DataType physicalType,
            List<String> partitionColumns,
            List<String> primaryKey) {
        this.settings = settings;
        this.format = format;
        this.physicalType = physicalType;
        this.partitionColumns = partitionColumns;
        this.primaryKey = primaryKey;
    }

    /** A stream takes no row back. What follows from that the planner says. */
    @Override
    public ChangelogMode getChangelogMode(ChangelogMode requestedMode) {
        return ChangelogMode.insertOnly();
    }

    @Override
    public Map<String, DataType> listWritableMetadata() {
        return WritableMetadata.all();
    }

    @Override
    public void applyWritableMetadata(List<String> metadataKeys, DataType consumedDataType) {
        this.metadataKeys = List.copyOf(metadataKeys);
    }

    /** The values of a static partition are in the rows as well. */
    @Override
    public void applyStaticPartition(Map<String, String> partition) {}

    @Override
    public SinkRuntimeProvider getSinkRuntimeProvider(Context context) {
        RowSerializer serializer =
                new RowSerializer(
                        format.createRuntimeEncoder(context, physicalType),
                        DataType.getFieldCount(physicalType));
        return SinkV2Provider.of(settings.sink(serializer, routing()), settings.parallelism());
    }

    private RowRouting routing() {
        return new RowRouting(
                settings,
                (RowType) physicalType.getLogicalType(),
                partitionColumns,
                primaryKey,
                metadataKeys);
    }

    @Override
    public DynamicTableSink copy() {
        V3ioTableSink copy =
                new V3ioTableSink(settings, format, physicalType, partitionColumns, primaryKey);
        copy.metadataKeys = metadataKeys;
        return copy;
    }

    @Override
    public String asSummaryString() {
        return "V3IO";
    }
}
