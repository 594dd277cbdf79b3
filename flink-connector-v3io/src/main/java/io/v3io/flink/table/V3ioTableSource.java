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

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.ProjectableDecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.connector.source.abilities.SupportsFilterPushDown;
import org.apache.flink.table.connector.source.abilities.SupportsLimitPushDown;
import org.apache.flink.table.connector.source.abilities.SupportsProjectionPushDown;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.expressions.ResolvedExpression;
import org.apache.flink.table.types.DataType;

import javax.annotation.Nullable;

import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * A stream as a table to read. The planner works on copies, applies what it can push down in an
 * order of its own, some of it again with fewer columns, and asks for the source in the end.
 */
@Internal
final class V3ioTableSource
        implements ScanTableSource,
                SupportsReadingMetadata,
                SupportsProjectionPushDown,
                SupportsWatermarkPushDown,
                SupportsFilterPushDown,
                SupportsLimitPushDown {

    /** Before the keys of the format, so that they cannot collide with those of the record. */
    private static final String FORMAT_METADATA_PREFIX = "value.";

    private final ScanSettings settings;
    private final DecodingFormat<DeserializationSchema<RowData>> format;
    private final DataType physicalType;
    private final ZoneId sessionTimeZone;

    private DataType producedType;
    private int[][] projection;
    private List<String> metadataKeys = List.of();
    @Nullable private WatermarkStrategy<RowData> watermarkStrategy;
    private ScanRegion region = ScanRegion.ALL;
    @Nullable private Long limit;

    /**
     * A source that nothing is pushed down to.
     *
     * @param settings the table's options
     * @param format of the data of records
     * @param physicalType the columns that the format decodes
     * @param sessionTimeZone for predicates about times of day
     */
    V3ioTableSource(
            ScanSettings settings,
            DecodingFormat<DeserializationSchema<RowData>> format,
            DataType physicalType,
            ZoneId sessionTimeZone) {
        this.settings = settings;
        this.format = format;
        this.physicalType = physicalType;
        this.sessionTimeZone = sessionTimeZone;
        this.producedType = physicalType;
        this.projection =
                IntStream.range(0, DataType.getFieldCount(physicalType))
                        .mapToObj(field -> new int[] {field})
                        .toArray(int[][]::new);
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return format.getChangelogMode();
    }

    /** With the format's first: the planner appends metadata columns in the order of this map. */
    @Override
    public Map<String, DataType> listReadableMetadata() {
        Map<String, DataType> all = new LinkedHashMap<>();
        format.listReadableMetadata()
                .forEach((key, type) -> all.put(FORMAT_METADATA_PREFIX + key, type));
        for (ReadableMetadata metadata : ReadableMetadata.values()) {
            all.put(metadata.key(), metadata.type());
        }
        return all;
    }

    @Override
    public void applyReadableMetadata(List<String> metadataKeys, DataType producedDataType) {
        this.metadataKeys = List.copyOf(metadataKeys);
        this.producedType = producedDataType;
    }

    @Override
    public boolean supportsNestedProjection() {
        return false;
    }

    @Override
    public void applyProjection(int[][] projectedFields, DataType producedDataType) {
        this.projection = projectedFields;
        this.producedType = producedDataType;
    }

    @Override
    public void applyWatermark(WatermarkStrategy<RowData> watermarkStrategy) {
        this.watermarkStrategy = watermarkStrategy;
    }

    /**
     * Takes what says something about shards or arrival times. All filters stay in the plan, too: a
     * region is wider than a predicate, and a job that is restored may hold other shards.
     */
    @Override
    public Result applyFilters(List<ResolvedExpression> filters) {
        PredicateRegions regions = new PredicateRegions(recordColumns(), sessionTimeZone);
        List<ResolvedExpression> accepted = new ArrayList<>();
        for (ResolvedExpression filter : filters) {
            ScanRegion needed = regions.of(filter).servable(settings.positions());
            if (!needed.isAll()) {
                region = region.and(needed);
                accepted.add(filter);
            }
        }
        region = region.servable(settings.positions());
        return Result.of(accepted, filters);
    }

    /** The planner names metadata columns as the table does, at the end of the row. */
    private Map<String, ReadableMetadata> recordColumns() {
        List<String> names = DataType.getFieldNames(producedType);
        int first = names.size() - metadataKeys.size();
        Map<String, ReadableMetadata> columns = new HashMap<>();
        for (int i = 0; i < metadataKeys.size(); i++) {
            String name = names.get(first + i);
            ReadableMetadata.ofKey(metadataKeys.get(i))
                    .ifPresent(metadata -> columns.put(name, metadata));
        }
        return columns;
    }

    /** Of a changelog, rows that are taken back later are none to be counted. */
    @Override
    public void applyLimit(long limit) {
        if (getChangelogMode().equals(ChangelogMode.insertOnly())) {
            // LIMIT 0 is planned without a source.
            this.limit = Math.max(1, limit);
        }
    }

    @Override
    public ScanRuntimeProvider getScanRuntimeProvider(ScanContext context) {
        V3ioSource<RowData> source = settings.source(deserializer(context), region, limit);
        return watermarkStrategy == null
                ? SourceProvider.of(source, settings.parallelism())
                : new WatermarkedScanProvider(source, watermarkStrategy, settings.parallelism());
    }

    private RowDeserializer deserializer(ScanContext context) {
        List<String> formatKeys =
                metadataKeys.stream()
                        .filter(key -> key.startsWith(FORMAT_METADATA_PREFIX))
                        .map(key -> key.substring(FORMAT_METADATA_PREFIX.length()))
                        .toList();
        // Copies of this source share the format, so that it is told what this one needs.
        if (!format.listReadableMetadata().isEmpty()) {
            format.applyReadableMetadata(formatKeys);
        }
        DeserializationSchema<RowData> decoder;
        int[] fields = null;
        if (format
                instanceof ProjectableDecodingFormat<DeserializationSchema<RowData>> projectable) {
            decoder = projectable.createRuntimeDecoder(context, physicalType, projection);
        } else {
            decoder = format.createRuntimeDecoder(context, physicalType);
            fields = projectedFields(formatKeys.size());
        }
        List<ReadableMetadata> ofRecord =
                metadataKeys.stream().flatMap(key -> ReadableMetadata.ofKey(key).stream()).toList();
        return new RowDeserializer(
                decoder, fields, ofRecord, context.createTypeInformation(producedType));
    }

    /** Of rows with all physical columns and the format's metadata; null if these are all. */
    @Nullable
    private int[] projectedFields(int formatMetadataCount) {
        int physicalCount = DataType.getFieldCount(physicalType);
        IntStream physical = Arrays.stream(projection).mapToInt(path -> path[0]);
        IntStream metadata = IntStream.range(physicalCount, physicalCount + formatMetadataCount);
        int[] fields = IntStream.concat(physical, metadata).toArray();
        boolean isAll =
                Arrays.equals(
                        fields, IntStream.range(0, physicalCount + formatMetadataCount).toArray());
        return isAll ? null : fields;
    }

    @Override
    public DynamicTableSource copy() {
        V3ioTableSource copy = new V3ioTableSource(settings, format, physicalType, sessionTimeZone);
        copy.producedType = producedType;
        copy.projection = projection;
        copy.metadataKeys = metadataKeys;
        copy.watermarkStrategy = watermarkStrategy;
        copy.region = region;
        copy.limit = limit;
        return copy;
    }

    @Override
    public String asSummaryString() {
        return "V3IO";
    }
}
