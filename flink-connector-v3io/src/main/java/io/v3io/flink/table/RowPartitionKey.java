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

import io.v3io.flink.sink.PartitionKeySelector;
import io.v3io.flink.sink.V3ioSinkOptions;

import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.DecimalData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.RowType;

import javax.annotation.Nullable;

import java.time.LocalDate;
import java.time.LocalTime;
import java.util.List;

/**
 * Makes a partition key of columns: their values as text, with a delimiter in between. A row in
 * which they are all NULL has no key.
 */
final class RowPartitionKey implements PartitionKeySelector<RowData> {

    private static final long serialVersionUID = 1L;

    private final RowData.FieldGetter[] getters;
    private final LogicalTypeRoot[] types;
    private final String delimiter;

    /**
     * Makes keys of the named columns.
     *
     * @throws ValidationException if a column has a type that makes no key
     */
    RowPartitionKey(RowType row, List<String> columns, String delimiter) {
        this.getters = new RowData.FieldGetter[columns.size()];
        this.types = new LogicalTypeRoot[columns.size()];
        for (int i = 0; i < getters.length; i++) {
            int field = row.getFieldIndex(columns.get(i));
            if (field < 0) {
                throw new ValidationException(
                        "Option '"
                                + V3ioSinkOptions.PARTITIONER_FIELDS.key()
                                + "' names '"
                                + columns.get(i)
                                + "', which is no physical column of the table; these are "
                                + row.getFieldNames()
                                + ".");
            }
            LogicalType type = row.getTypeAt(field);
            getters[i] = RowData.createFieldGetter(type, field);
            types[i] = checked(columns.get(i), type);
        }
        this.delimiter = delimiter;
    }

    private static LogicalTypeRoot checked(String column, LogicalType type) {
        LogicalTypeRoot root = type.getTypeRoot();
        return switch (root) {
            case CHAR,
                    VARCHAR,
                    BOOLEAN,
                    DECIMAL,
                    TINYINT,
                    SMALLINT,
                    INTEGER,
                    BIGINT,
                    FLOAT,
                    DOUBLE,
                    DATE,
                    TIME_WITHOUT_TIME_ZONE,
                    TIMESTAMP_WITHOUT_TIME_ZONE,
                    TIMESTAMP_WITH_LOCAL_TIME_ZONE ->
                    root;
            default ->
                    throw new ValidationException(
                            "Column '"
                                    + column
                                    + "' of type "
                                    + type.asSummaryString()
                                    + " cannot be part of a partition key; a key is text: strings, numbers, booleans,"
                                    + " dates and times can.");
        };
    }

    @Override
    @Nullable
    public String partitionKey(RowData row) {
        StringBuilder key = new StringBuilder();
        boolean isAllNull = true;
        for (int i = 0; i < getters.length; i++) {
            if (i > 0) {
                key.append(delimiter);
            }
            Object value = getters[i].getFieldOrNull(row);
            if (value != null) {
                isAllNull = false;
                key.append(text(types[i], value));
            }
        }
        return isAllNull ? null : key.toString();
    }

    private static String text(LogicalTypeRoot type, Object value) {
        return switch (type) {
            case DECIMAL -> ((DecimalData) value).toBigDecimal().toPlainString();
            case DATE -> LocalDate.ofEpochDay((int) value).toString();
            case TIME_WITHOUT_TIME_ZONE ->
                    LocalTime.ofNanoOfDay((int) value * 1_000_000L).toString();
            case TIMESTAMP_WITHOUT_TIME_ZONE ->
                    ((TimestampData) value).toLocalDateTime().toString();
            case TIMESTAMP_WITH_LOCAL_TIME_ZONE -> ((TimestampData) value).toInstant().toString();
            default -> value.toString();
        };
    }
}
