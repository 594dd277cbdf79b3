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

import java.util.stream.IntStream;

/** Makes the data of a record from the columns of a row that the format encodes. */
final class RowSerializer implements SerializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private final SerializationSchema<RowData> format;
    private final int physicalCount;

    private transient ProjectedRowData physical;

    /**
     * A serializer.
     *
     * @param physicalCount how many columns are the format's; metadata stands behind them
     */
    RowSerializer(SerializationSchema<RowData> format, int physicalCount) {
        this.format = format;
        this.physicalCount = physicalCount;
    }

    @Override
    public void open(InitializationContext context) throws Exception {
        format.open(context);
        physical = ProjectedRowData.from(IntStream.range(0, physicalCount).toArray());
    }

    @Override
    public byte[] serialize(RowData row) {
        return format.serialize(row.getArity() == physicalCount ? row : physical.replaceRow(row));
    }
}
