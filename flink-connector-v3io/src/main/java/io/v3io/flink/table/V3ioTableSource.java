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
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.connector.source.abilities.SupportsFilterPushDown;
import org.apache.flink.table.connector.source.abilities.SupportsLimitPushDown;
import org.apache.flink.table.connector.source.abilities.SupportsProjectionPushDown;
import org.apache.flink.table.connector.source.abilities.SupportsReadingMetadata;
import org.apache.flink.table.connector.source.abilities.SupportsSourceWatermark;
import org.apache.flink.table.connector.source.abilities.SupportsWatermarkPushDown;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.expressions.ResolvedExpression;
import org.apache.flink.table.expressions.ValueLiteralExpression;
import org.apache.flink.table.types.DataType;

import javax.annotation.Nullable;

import java.time.ZoneId;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
                SupportsSourceWatermark,
                SupportsFilterPushDown,
                SupportsLimitPushDown {

    private final ScanSettings settings;
    private final RowDecoding decoding;
    private final ZoneId sessionTimeZone;

    private DataType producedType;
    private int[] projection;
    private List<String> metadataKeys = List.of();
    @Nullable private WatermarkStrategy<RowData> watermarkStrategy;
    private ScanRegion region = ScanRegion.ALL;
    @Nullable private Long limit;

    /**
     * A source that nothing is pushed down to.
     *
     * @param settings the table's options
     * @param decoding makes rows of records
     * @param physicalType the columns that are no metadata
     * @param sessionTimeZone for predicates about times of day
     */
    V3ioTableSource(
            ScanSettings settings,
            RowDecoding decoding,
            DataType physicalType,
            ZoneId sessionTimeZone) {
        this.settings = settings;
        this.decoding = decoding;
        this.sessionTimeZone = sessionTimeZone;
        this.producedType = physicalType;
        this.projection = IntStream.range(0, DataType.getFieldCount(physicalType)).toArray();
    }

    @Override
    public ChangelogMode getChangelogMode() {
        return decoding.changelogMode();
    }

    /** With the format's first: the planner appends metadata columns in the order of this map. */
    @Override
    public Map<String, DataType> listReadableMetadata() {
        Map<String, DataType> all =
                new LinkedHashMap<>(FormatMetadata.ofTable(decoding.readableMetadata()));
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
        this.projection = Arrays.stream(projectedFields).mapToInt(path -> path[0]).toArray();
        this.producedType = producedDataType;
    }

    @Override
    public void applyWatermark(WatermarkStrategy<RowData> watermarkStrategy) {
        this.watermarkStrategy = watermarkStrategy;
    }

    /** For {@code SOURCE_WATERMARK()}. Flink hands over none of its watermark options then. */
    @Override
    public void applySourceWatermark() {
        this.watermarkStrategy = settings.arrivalWatermarks();
    }

    /**
     * Takes what says something about shards or arrival times. All filters stay in the plan, too: a
     * region is wider than a predicate, and a job that is restored may hold other shards.
     *
     * <p>What is accepted is the region as a text. The filters themselves cannot be: with a
     * compiled plan Flink applies them to a row without metadata columns, and fails.
     */
    @Override
    public Result applyFilters(List<ResolvedExpression> filters) {
        PredicateRegions regions = new PredicateRegions(recordColumns(), sessionTimeZone);
        ScanRegion needed = ScanRegion.ALL;
        for (ResolvedExpression filter : filters) {
            needed = needed.and(ofCompiledPlan(filter).orElseGet(() -> regions.of(filter)));
        }
        region = region.and(needed).servable(settings.positions());
        return Result.of(
                region.isAll()
                                && filters.stream()
                                        .allMatch(filter -> ofCompiledPlan(filter).isEmpty())
                        ? List.of()
                        : List.of(new ValueLiteralExpression(region.toString())),
                filters);
    }

    private static Optional<ScanRegion> ofCompiledPlan(ResolvedExpression filter) {
        return filter instanceof ValueLiteralExpression literal
                ? literal.getValueAs(String.class).map(ScanRegion::parse)
                : Optional.empty();
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

    /** Rows of a changelog that are taken back later must not be counted. */
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
        List<String> formatKeys = FormatMetadata.keys(metadataKeys);
        List<ReadableMetadata> ofRecord =
                metadataKeys.stream().flatMap(key -> ReadableMetadata.ofKey(key).stream()).toList();
        return decoding.deserializer(context, projection, formatKeys, ofRecord, producedType);
    }

    @Override
    public DynamicTableSource copy() {
        V3ioTableSource copy =
                new V3ioTableSource(settings, decoding, producedType, sessionTimeZone);
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
