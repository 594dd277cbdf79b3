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
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.ProjectedRowData;

import javax.annotation.Nullable;

/** Makes the data of a record from the columns of a row that its format encodes. */
final class RowSerializer implements SerializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private static final byte[] NO_DATA = {};

    private final SerializationSchema<RowData> format;
    private final int[] columns;
    @Nullable private final FormattedPartitionKey partitionKey;
    private final boolean isEmptyForNull;

    private transient ProjectedRowData data;

    /**
     * Makes the data of records of rows; it must be opened before.
     *
     * @param columns which of a row's are the format's
     * @param partitionKey opened with this; null for none
     * @param isEmptyForNull whether a row that the format makes nothing of has no data; otherwise
     *     there is null for it
     */
    RowSerializer(
            SerializationSchema<RowData> format,
            int[] columns,
            @Nullable FormattedPartitionKey partitionKey,
            boolean isEmptyForNull) {
        this.format = format;
        this.columns = columns;
        this.partitionKey = partitionKey;
        this.isEmptyForNull = isEmptyForNull;
    }

    /** Returns null if rows have no partition key. */
    @Nullable
    FormattedPartitionKey partitionKey() {
        return partitionKey;
    }

    @Override
    public void open(InitializationContext context) throws Exception {
        format.open(context);
        data = ProjectedRowData.from(columns);
        if (partitionKey != null) {
            partitionKey.open(context);
        }
    }

    @Override
    @Nullable
    public byte[] serialize(RowData row) {
        // Without metadata and with all columns a row is what the format wants already.
        byte[] bytes =
                format.serialize(row.getArity() == columns.length ? row : data.replaceRow(row));
        return bytes == null && isEmptyForNull ? NO_DATA : bytes;
    }
}
