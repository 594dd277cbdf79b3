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
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.sink.DynamicTableSink;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.connector.sink.abilities.SupportsPartitioning;
import org.apache.flink.table.connector.sink.abilities.SupportsWritingMetadata;
import org.apache.flink.table.types.DataType;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A stream as a table to write to. */
@Internal
final class V3ioTableSink
        implements DynamicTableSink, SupportsWritingMetadata, SupportsPartitioning {

    private final WriteSettings settings;
    private final RowEncoding encoding;
    private final List<String> partitionColumns;
    private final List<String> primaryKey;

    private List<String> metadataKeys = List.of();

    /**
     * A sink for rows without metadata.
     *
     * @param settings the table's options
     * @param encoding makes data and keys of records
     * @param partitionColumns those of PARTITIONED BY
     * @param primaryKey those of the primary key
     */
    V3ioTableSink(
            WriteSettings settings,
            RowEncoding encoding,
            List<String> partitionColumns,
            List<String> primaryKey) {
        this.settings = settings;
        this.encoding = encoding;
        this.partitionColumns = partitionColumns;
        this.primaryKey = primaryKey;
    }

    /**
     * A stream takes no row back; a format of changes can write down that it is. What follows from
     * that for other formats the planner says.
     */
    @Override
    public ChangelogMode getChangelogMode(ChangelogMode requestedMode) {
        if (requestedMode.equals(ChangelogMode.insertOnly()) || !hasFormatOfChanges()) {
            return ChangelogMode.insertOnly();
        }
        routing().checkCanWriteChanges();
        return encoding.changelogMode();
    }

    private boolean hasFormatOfChanges() {
        return !encoding.changelogMode().equals(ChangelogMode.insertOnly());
    }

    @Override
    public Map<String, DataType> listWritableMetadata() {
        Map<String, DataType> all =
                new LinkedHashMap<>(FormatMetadata.ofTable(encoding.writableMetadata()));
        all.putAll(WritableMetadata.all());
        return all;
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
        RowRouting routing = routing();
        return SinkV2Provider.of(
                settings.sink(
                        encoding.serializer(context, metadataKeys, settings.isEmptyForNull()),
                        routing,
                        routing.order(hasFormatOfChanges())),
                settings.parallelism());
    }

    private RowRouting routing() {
        return new RowRouting(
                settings,
                encoding.row(),
                partitionColumns,
                primaryKey,
                encoding.keyFormat() != null,
                metadataKeys);
    }

    @Override
    public DynamicTableSink copy() {
        V3ioTableSink copy = new V3ioTableSink(settings, encoding, partitionColumns, primaryKey);
        copy.metadataKeys = metadataKeys;
        return copy;
    }

    @Override
    public String asSummaryString() {
        return "V3IO";
    }
}
