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

import io.v3io.flink.formats.StoreyJsonFormatFactory;
import io.v3io.flink.source.OnDeserializationFailure;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.table.connector.ChangelogMode;
import org.apache.flink.table.connector.format.DecodingFormat;
import org.apache.flink.table.connector.format.ProjectableDecodingFormat;
import org.apache.flink.table.connector.source.DynamicTableSource;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.DataType;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * How records are decoded: by one format for the data and perhaps one for the partition key. Knows
 * which formats can be asked for a part of their columns.
 */
final class RowDecoding {

    /**
     * Those that give the same values for a part of the columns as for all of them; there is a test
     * for each. Flink's avro takes the part for what the writer has written (FLINK-35324);
     * avro-confluent has that from its registry. Of a format that is not known all columns are
     * decoded.
     */
    private static final Set<String> FORMATS_THAT_CAN_SELECT =
            Set.of(
                    "json",
                    "csv",
                    "debezium-json",
                    "canal-json",
                    "maxwell-json",
                    "avro-confluent",
                    StoreyJsonFormatFactory.IDENTIFIER);

    private final String formatName;
    private final DecodingFormat<DeserializationSchema<RowData>> format;
    @Nullable private final DecodingFormat<DeserializationSchema<RowData>> keyFormat;
    private final RecordColumns columns;
    private final boolean canSelect;

    /**
     * Decides how the columns of a table are decoded.
     *
     * @param formatName as it was chosen in the table's options
     * @param onFailure with anything but a failure of the job all columns are decoded, because else
     *     the number of rows would depend on the columns that a query asks for
     * @param hasOwnSchema whether the options give the format a schema, which it compares with the
     *     columns that are asked for
     */
    RowDecoding(
            String formatName,
            DecodingFormat<DeserializationSchema<RowData>> format,
            @Nullable DecodingFormat<DeserializationSchema<RowData>> keyFormat,
            RecordColumns columns,
            OnDeserializationFailure onFailure,
            boolean hasOwnSchema) {
        this.formatName = formatName;
        this.format = format;
        this.keyFormat = keyFormat;
        this.columns = columns;
        this.canSelect =
                onFailure == OnDeserializationFailure.FAIL
                        && !hasOwnSchema
                        && FORMATS_THAT_CAN_SELECT.contains(formatName)
                        && format instanceof ProjectableDecodingFormat;
    }

    String formatName() {
        return formatName;
    }

    ChangelogMode changelogMode() {
        return format.getChangelogMode();
    }

    Map<String, DataType> readableMetadata() {
        return format.listReadableMetadata();
    }

    /**
     * Makes the schema that decodes records to rows.
     *
     * @param projection positions of the physical columns that are wanted
     * @param formatKeys the format's own metadata that is wanted after them
     * @param metadata of the record that is wanted at the end
     * @param producedType all of that
     */
    RowDeserializer deserializer(
            DynamicTableSource.Context context,
            int[] projection,
            List<String> formatKeys,
            List<ReadableMetadata> metadata,
            DataType producedType) {
        // Copies of a table source share the format, so that it is told what this one needs.
        if (!format.listReadableMetadata().isEmpty()) {
            format.applyReadableMetadata(formatKeys);
        }
        int[] decoded =
                canSelect
                        ? IntStream.of(projection)
                                .filter(column -> columns.positionInValue(column) >= 0)
                                .toArray()
                        : columns.value();
        List<Integer> decodedColumns = IntStream.of(decoded).boxed().toList();
        int decodedCount = decoded.length + formatKeys.size();
        boolean isKeyWanted = false;
        List<Integer> fields = new ArrayList<>();
        for (int column : projection) {
            int field = decodedColumns.indexOf(column);
            if (field < 0) {
                field = decodedCount + columns.positionInKey(column);
                isKeyWanted = true;
            }
            fields.add(field);
        }
        IntStream.range(decoded.length, decodedCount).forEach(fields::add);
        boolean isAll = fields.equals(IntStream.range(0, decodedCount).boxed().toList());
        return new RowDeserializer(
                valueDecoder(context, decoded),
                isKeyWanted && keyFormat != null
                        ? new RowDeserializer.Key(
                                keyFormat.createRuntimeDecoder(context, columns.keyType()),
                                columns.key().length)
                        : null,
                isAll ? null : fields.stream().mapToInt(Integer::intValue).toArray(),
                metadata,
                context.createTypeInformation(producedType));
    }

    private DeserializationSchema<RowData> valueDecoder(
            DynamicTableSource.Context context, int[] decoded) {
        if (canSelect
                && format
                        instanceof
                        ProjectableDecodingFormat<DeserializationSchema<RowData>> projectable) {
            int[][] paths =
                    IntStream.of(decoded)
                            .map(columns::positionInValue)
                            .mapToObj(position -> new int[] {position})
                            .toArray(int[][]::new);
            return projectable.createRuntimeDecoder(context, columns.valueType(), paths);
        }
        return format.createRuntimeDecoder(context, columns.valueType());
    }
}
