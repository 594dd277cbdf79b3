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

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.ProjectedRowData;
import org.apache.flink.util.FlinkRuntimeException;

import javax.annotation.Nullable;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Makes a partition key of columns by a format whose bytes are text. The {@link RowSerializer} of
 * the same sink opens it.
 */
final class FormattedPartitionKey implements PartitionKeySelector<RowData> {

    private static final long serialVersionUID = 1L;

    private final SerializationSchema<RowData> format;
    private final int[] columns;

    private transient ProjectedRowData key;

    FormattedPartitionKey(SerializationSchema<RowData> format, int[] columns) {
        this.format = format;
        this.columns = columns;
    }

    void open(SerializationSchema.InitializationContext context) throws Exception {
        format.open(context);
        key = ProjectedRowData.from(columns);
    }

    /** Null if the format makes nothing of the columns. */
    @Override
    @Nullable
    public String partitionKey(RowData row) {
        byte[] bytes = format.serialize(key.replaceRow(row));
        if (bytes == null) {
            return null;
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            throw new FlinkRuntimeException(
                    "What '"
                            + V3ioFormatOptions.KEY_FORMAT.key()
                            + "' made of a row's key ("
                            + bytes.length
                            + " bytes) is no text in UTF-8, which a partition key is. Use a format that writes text: 'raw'"
                            + " with a STRING, 'csv' or 'json'.",
                    e);
        }
    }
}
