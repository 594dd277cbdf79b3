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

import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.sink.V3ioSinkOptions;

import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.RowType;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Where rows go: by their metadata columns, or by other columns of theirs, or as the platform
 * likes.
 */
final class RowRouting {

    private static final String CHANGES_NEED_ORDER =
            "A query whose result changes can be written only in order, all changes of a row into one shard.";

    private static final String PARTITIONER = "'" + V3ioSinkOptions.PARTITIONER.key() + "' = ";

    private final WriteSettings settings;
    private final RowType row;
    private final List<String> partitionColumns;
    private final List<String> primaryKey;
    private final boolean hasKeyFormat;
    private final List<String> metadataKeys;

    /**
     * Finds out what decides about the shard of a row.
     *
     * @param row the physical columns; metadata stands after them
     * @param partitionColumns those of PARTITIONED BY
     * @param primaryKey those of the primary key
     * @param hasKeyFormat whether {@code key.format} makes the key
     * @param metadataKeys what is written, in the order of the row
     * @throws ValidationException if more than one of them chooses the shard, or none where one
     *     must
     */
    RowRouting(
            WriteSettings settings,
            RowType row,
            List<String> partitionColumns,
            List<String> primaryKey,
            boolean hasKeyFormat,
            List<String> metadataKeys) {
        this.settings = settings;
        this.row = row;
        this.partitionColumns = partitionColumns;
        this.primaryKey = primaryKey;
        this.hasKeyFormat = hasKeyFormat;
        this.metadataKeys = metadataKeys;
        check();
    }

    private void check() {
        List<String> choices = choices();
        if (choices.size() > 1) {
            throw new ValidationException(
                    "The shard of a row would be chosen by "
                            + String.join(" and by ", choices)
                            + ". Keep one of them; a metadata column that is only to be read is declared VIRTUAL.");
        }
        if (settings.partitioner().equals(WriteSettings.ROW_KEY) && keyColumns().isEmpty()) {
            throw new ValidationException(
                    PARTITIONER
                            + "'row-key' needs columns that make the key: PARTITIONED BY (...) or option '"
                            + V3ioSinkOptions.PARTITIONER_FIELDS.key()
                            + "'.");
        }
        if (settings.partitioner().equals(WriteSettings.STOREY)) {
            checkStorey(choices);
        }
        if (settings.streams().size() > 1 && position(WritableMetadata.STREAM) == null) {
            throw new ValidationException(
                    "Option '"
                            + V3ioConnectionOptions.STREAM.key()
                            + "' names several streams: to write to the table it needs a column that chooses one of them,"
                            + " like: stream STRING METADATA.");
        }
    }

    private void checkStorey(List<String> choices) {
        if (choices.isEmpty() || position(WritableMetadata.SHARD_ID) != null) {
            throw new ValidationException(
                    PARTITIONER
                            + "'storey' chooses the shard by a key: it needs PARTITIONED BY (...), option '"
                            + V3ioSinkOptions.PARTITIONER_FIELDS.key()
                            + "', or a metadata column 'partition-key', and no metadata column 'shard-id'.");
        }
        if (hasKeyFormat && !isFormattedKeyText()) {
            throw new ValidationException(
                    PARTITIONER
                            + "'storey' hashes the text of a key as storey does, and option '"
                            + V3ioFormatOptions.KEY_FORMAT.key()
                            + "' makes other bytes of it unless it is 'raw' on one column of type STRING. Name the column of the key with PARTITIONED BY (...) or"
                            + " option '"
                            + V3ioSinkOptions.PARTITIONER_FIELDS.key()
                            + "' instead.");
        }
        if (keyColumns().size() == 1) {
            String column = keyColumns().get(0);
            int field = row.getFieldIndex(column);
            if (field >= 0 && !row.getTypeAt(field).is(LogicalTypeFamily.CHARACTER_STRING)) {
                throw new ValidationException(
                        PARTITIONER
                                + "'storey' hashes text, and column '"
                                + column
                                + "' is "
                                + row.getTypeAt(field).asSummaryString()
                                + ". Of an integer storey takes the number itself, modulo the number of shards; what it"
                                + " does not hash it refuses. Use a column of type STRING, or write the number of the"
                                + " shard to a metadata column 'shard-id' with the partitioner 'default'.");
            }
        }
    }

    private boolean isFormattedKeyText() {
        List<String> fields = settings.keyFields();
        int field = fields.size() == 1 ? row.getFieldIndex(fields.get(0)) : -1;
        return settings.hasRawKey()
                && field >= 0
                && row.getTypeAt(field).is(LogicalTypeFamily.CHARACTER_STRING);
    }

    /** All that would choose the shard, in words. */
    private List<String> choices() {
        List<String> choices = new ArrayList<>();
        for (WritableMetadata column :
                List.of(WritableMetadata.SHARD_ID, WritableMetadata.PARTITION_KEY)) {
            if (position(column) != null) {
                choices.add("the metadata column '" + column.key() + "'");
            }
        }
        String partitioner = settings.partitioner();
        boolean isRowKey = partitioner.equals(WriteSettings.ROW_KEY);
        boolean isStorey = partitioner.equals(WriteSettings.STOREY);
        if (!partitionColumns.isEmpty() && !isRowKey) {
            choices.add("PARTITIONED BY");
        }
        if (hasKeyFormat) {
            choices.add("option '" + V3ioFormatOptions.KEY_FORMAT.key() + "'");
        }
        if (isStorey && !settings.partitionerFields().isEmpty()) {
            choices.add("option '" + V3ioSinkOptions.PARTITIONER_FIELDS.key() + "'");
        }
        if (!isStorey && !partitioner.equals(WriteSettings.DEFAULT)) {
            choices.add(PARTITIONER + "'" + partitioner + "'");
        }
        return choices;
    }

    /**
     * A row that takes another one back must be stored after it, and in its shard.
     *
     * @throws ValidationException if that is not certain
     */
    void checkCanWriteChanges() {
        if (choices().isEmpty()) {
            throw new ValidationException(
                    CHANGES_NEED_ORDER
                            + " Choose the shard by columns that tell the rows apart, with PARTITIONED BY (...).");
        }
        if (settings.order().filter(OrderGuarantee.NONE::equals).isPresent()) {
            throw new ValidationException(
                    CHANGES_NEED_ORDER
                            + " Leave option '"
                            + V3ioSinkOptions.ORDER.key()
                            + "' = 'none' out, which makes it 'strict'.");
        }
    }

    /**
     * In which order rows are stored; empty for the sink's default. A format of changes writes
     * them, whatever the query is: a plan that was compiled earlier does not say.
     */
    Optional<OrderGuarantee> order(boolean hasFormatOfChanges) {
        return settings.order()
                .or(
                        () ->
                                hasFormatOfChanges && !choices().isEmpty()
                                        ? Optional.of(OrderGuarantee.STRICT)
                                        : Optional.empty());
    }

    private List<String> keyColumns() {
        if (!partitionColumns.isEmpty()) {
            return partitionColumns;
        }
        boolean isPrimaryKeyEnough = settings.partitioner().equals(WriteSettings.ROW_KEY);
        return settings.partitionerFields().isEmpty() && isPrimaryKeyEnough
                ? primaryKey
                : settings.partitionerFields();
    }

    /** Where the value stands in a row; null if it is not written. */
    @Nullable
    private Integer position(WritableMetadata metadata) {
        int index = metadataKeys.indexOf(metadata.key());
        return index < 0 ? null : row.getFieldCount() + index;
    }

    /**
     * Makes a sink route rows like this.
     *
     * @param formattedKey what {@code key.format} makes; null without
     */
    void applyTo(V3ioSinkBuilder<RowData> sink, @Nullable FormattedPartitionKey formattedKey) {
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
        if (formattedKey != null) {
            sink.setPartitionKey(formattedKey);
        }
        settings.applyPartitioner(sink);
    }

    @Nullable
    private static String textOrNull(RowData row, int field) {
        return row.isNullAt(field) ? null : row.getString(field).toString();
    }
}
