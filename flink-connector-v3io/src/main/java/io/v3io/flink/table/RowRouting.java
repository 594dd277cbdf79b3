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

import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.table.V3ioSinkOptions.Partitioner;

import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.RowType;

import javax.annotation.Nullable;

import java.util.List;

/**
 * Where rows go: by their metadata columns, or by other columns of theirs, or as the platform
 * likes.
 */
final class RowRouting {

    private final WriteSettings settings;
    private final RowType row;
    private final List<String> partitionColumns;
    private final List<String> primaryKey;
    private final List<String> metadataKeys;

    /**
     * A routing.
     *
     * @param row the columns that the format encodes; metadata stands behind them
     * @param partitionColumns those of PARTITIONED BY
     * @param primaryKey those of the primary key
     * @param metadataKeys what is written, in the order of the row
     * @throws ValidationException if more than one of them chooses the shard, or none where one
     *     must
     */
    RowRouting(
            WriteSettings settings,
            RowType row,
            List<String> partitionColumns,
            List<String> primaryKey,
            List<String> metadataKeys) {
        this.settings = settings;
        this.row = row;
        this.partitionColumns = partitionColumns;
        this.primaryKey = primaryKey;
        this.metadataKeys = metadataKeys;
        check();
    }

    private void check() {
        boolean hasShardColumn = position(WritableMetadata.SHARD_ID) != null;
        boolean hasKeyColumn = position(WritableMetadata.PARTITION_KEY) != null;
        String chosenTwice = null;
        if (hasShardColumn && hasKeyColumn) {
            chosenTwice = "by the metadata columns 'shard-id' and 'partition-key'";
        } else if (hasShardColumn || hasKeyColumn) {
            String column = hasShardColumn ? "'shard-id'" : "'partition-key'";
            if (!partitionColumns.isEmpty()) {
                chosenTwice = "by the metadata column " + column + " and by PARTITIONED BY";
            } else if (settings.partitioner() != Partitioner.DEFAULT) {
                chosenTwice =
                        "by the metadata column "
                                + column
                                + " and by '"
                                + V3ioSinkOptions.PARTITIONER.key()
                                + "' = '"
                                + settings.partitioner()
                                + "'";
            }
        } else if (settings.partitioner() == Partitioner.FIXED && !partitionColumns.isEmpty()) {
            chosenTwice =
                    "by PARTITIONED BY and by '"
                            + V3ioSinkOptions.PARTITIONER.key()
                            + "' = 'fixed'";
        }
        if (chosenTwice != null) {
            throw new ValidationException(
                    "The shard of a row would be chosen "
                            + chosenTwice
                            + ". Keep one of them; a metadata column that is only to be read is declared VIRTUAL.");
        }
        if (settings.partitioner() == Partitioner.ROW_KEY && keyColumns().isEmpty()) {
            throw new ValidationException(
                    "'"
                            + V3ioSinkOptions.PARTITIONER.key()
                            + "' = 'row-key' needs columns that make the key: PARTITIONED BY (...) or PRIMARY KEY (...) NOT"
                            + " ENFORCED.");
        }
        if (settings.streams().size() > 1 && position(WritableMetadata.STREAM) == null) {
            throw new ValidationException(
                    "Option '"
                            + V3ioConnectionOptions.STREAM.key()
                            + "' names several streams: to write to the table it needs a column that chooses one of them,"
                            + " like: stream STRING METADATA.");
        }
    }

    private List<String> keyColumns() {
        return !partitionColumns.isEmpty() || settings.partitioner() != Partitioner.ROW_KEY
                ? partitionColumns
                : primaryKey;
    }

    /** Where the value stands in a row; null if it is not written. */
    @Nullable
    private Integer position(WritableMetadata metadata) {
        int index = metadataKeys.indexOf(metadata.key());
        return index < 0 ? null : row.getFieldCount() + index;
    }

    /** Makes a sink route rows like this. */
    void applyTo(V3ioSinkBuilder<RowData> sink) {
        Integer stream = position(WritableMetadata.STREAM);
        if (stream != null) {
            int field = stream;
            String first = settings.streams().get(0);
            boolean isOnlyOne = settings.streams().size() == 1;
            sink.setStreamSelector(
                    element ->
                            element.isNullAt(field) && isOnlyOne
                                    ? first
                                    : textOrNull(element, field));
        }
        Integer shard = position(WritableMetadata.SHARD_ID);
        if (shard != null) {
            int field = shard;
            sink.setShardId(element -> element.isNullAt(field) ? null : element.getInt(field));
        }
        Integer key = position(WritableMetadata.PARTITION_KEY);
        if (key != null) {
            int field = key;
            sink.setPartitionKey(element -> textOrNull(element, field));
        }
        Integer info = position(WritableMetadata.CLIENT_INFO);
        if (info != null) {
            int field = info;
            sink.setClientInfo(
                    element -> element.isNullAt(field) ? null : element.getBinary(field));
        }
        if (!keyColumns().isEmpty()) {
            sink.setPartitionKey(new RowPartitionKey(row, keyColumns(), settings.fieldDelimiter()));
        }
        if (settings.partitioner() == Partitioner.FIXED) {
            sink.setFixedRouting();
        }
    }

    @Nullable
    private static String textOrNull(RowData row, int field) {
        return row.isNullAt(field) ? null : row.getString(field).toString();
    }
}
