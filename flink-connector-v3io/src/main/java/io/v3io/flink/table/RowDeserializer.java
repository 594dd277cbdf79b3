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
import java.io.Serializable;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Makes rows of a record: the columns that formats decode from its data and its partition key, then
 * those of the record itself.
 */
final class RowDeserializer implements V3ioDeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private final DeserializationSchema<RowData> format;
    @Nullable private final Key key;
    @Nullable private final int[] fields;
    private final ReadableMetadata[] metadata;
    private final TypeInformation<RowData> producedType;

    /**
     * Makes rows of records; it must be opened before.
     *
     * @param format decodes the data of a record
     * @param key decodes the partition key; null if none of its columns is wanted
     * @param fields which fields the table wants, in this order: of a decoded row, followed by
     *     those of the key; null for all
     * @param metadata columns of the record, after those
     * @param producedType of the rows with both
     */
    RowDeserializer(
            DeserializationSchema<RowData> format,
            @Nullable Key key,
            @Nullable int[] fields,
            List<ReadableMetadata> metadata,
            TypeInformation<RowData> producedType) {
        this.format = format;
        this.key = key;
        this.fields = fields;
        this.metadata = metadata.toArray(new ReadableMetadata[0]);
        this.producedType = producedType;
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) throws Exception {
        format.open(context);
        if (key != null) {
            key.format.open(context);
        }
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

    /**
     * The columns of the partition key.
     *
     * @param format decodes them
     * @param count of them
     */
    record Key(DeserializationSchema<RowData> format, int count) implements Serializable {

        /** All NULL if the record has no key, or the format makes nothing of it. */
        private RowData of(StreamRecord record) throws IOException {
            String text = record.partitionKey();
            RowData row = text == null ? null : format.deserialize(text.getBytes(UTF_8));
            return row == null ? new GenericRowData(count) : row;
        }
    }

    /** Completes the rows of one record. Each is an object of its own: some wait for the others. */
    private final class Completion implements Collector<RowData> {
        @Nullable private final RowData ofKey;
        private final GenericRowData ofRecord;
        private final Collector<RowData> out;

        Completion(StreamRecord record, Collector<RowData> out) throws IOException {
            this.ofKey = key == null ? null : key.of(record);
            this.ofRecord = metadataOf(record);
            this.out = out;
        }

        @Override
        public void collect(RowData decoded) {
            RowData all =
                    ofKey == null
                            ? decoded
                            : new JoinedRowData(decoded.getRowKind(), decoded, ofKey);
            RowData wanted = fields == null ? all : ProjectedRowData.from(fields).replaceRow(all);
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
