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

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.V3ioDeserializationSchema;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.JoinedRowData;
import org.apache.flink.table.data.utils.ProjectedRowData;
import org.apache.flink.util.Collector;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.List;

/**
 * Makes rows of a record: the columns that the format decodes from its data, then those of the
 * record itself.
 */
final class RowDeserializer implements V3ioDeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private final DeserializationSchema<RowData> format;
    @Nullable private final int[] fields;
    private final ReadableMetadata[] metadata;
    private final TypeInformation<RowData> producedType;

    /**
     * A deserializer.
     *
     * @param format decodes the data of a record
     * @param fields which fields of a decoded row the table wants, in this order; null for all
     * @param metadata columns of the record, behind those
     * @param producedType of the rows with both
     */
    RowDeserializer(
            DeserializationSchema<RowData> format,
            @Nullable int[] fields,
            List<ReadableMetadata> metadata,
            TypeInformation<RowData> producedType) {
        this.format = format;
        this.fields = fields;
        this.metadata = metadata.toArray(new ReadableMetadata[0]);
        this.producedType = producedType;
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) throws Exception {
        format.open(context);
    }

    @Override
    public void deserialize(StreamRecord record, Collector<RowData> out) throws IOException {
        if (fields == null && metadata.length == 0) {
            format.deserialize(record.data(), out);
        } else {
            format.deserialize(record.data(), new Completion(record, out));
        }
    }

    private GenericRowData metadataOf(StreamRecord record) {
        GenericRowData row = new GenericRowData(metadata.length);
        for (int i = 0; i < metadata.length; i++) {
            row.setField(i, metadata[i].of(record));
        }
        return row;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return producedType;
    }

    /** Completes the rows of one record. Each is an object of its own: some wait for the others. */
    private final class Completion implements Collector<RowData> {
        private final GenericRowData ofRecord;
        private final Collector<RowData> out;

        Completion(StreamRecord record, Collector<RowData> out) {
            this.ofRecord = metadataOf(record);
            this.out = out;
        }

        @Override
        public void collect(RowData decoded) {
            RowData wanted =
                    fields == null ? decoded : ProjectedRowData.from(fields).replaceRow(decoded);
            out.collect(
                    metadata.length == 0
                            ? wanted
                            : new JoinedRowData(decoded.getRowKind(), wanted, ofRecord));
        }

        @Override
        public void close() {
            // Nothing is held here.
        }
    }
}
