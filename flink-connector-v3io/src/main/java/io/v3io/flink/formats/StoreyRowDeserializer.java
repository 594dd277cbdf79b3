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

package io.v3io.flink.formats;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.JoinedRowData;
import org.apache.flink.util.Collector;

import javax.annotation.Nullable;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Makes rows of events: columns of the body first, then metadata. */
final class StoreyRowDeserializer implements DeserializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private static final byte[] NO_FIELDS = "{}".getBytes(UTF_8);

    private final DeserializationSchema<RowData> json;
    @Nullable private final String bodyField;
    private final StoreyMetadata[] metadata;
    private final boolean ignoreParseErrors;
    private final TypeInformation<RowData> producedType;

    /**
     * Makes rows; it must be opened before.
     *
     * @param json decodes the columns of the body
     * @param bodyField the only one of them, if it is the whole body; null if each is a field of it
     * @param metadata what stands after them
     * @param ignoreParseErrors whether a record that makes no row is left out
     * @param producedType all columns
     */
    StoreyRowDeserializer(
            DeserializationSchema<RowData> json,
            @Nullable String bodyField,
            List<StoreyMetadata> metadata,
            boolean ignoreParseErrors,
            TypeInformation<RowData> producedType) {
        this.json = json;
        this.bodyField = bodyField;
        this.metadata = metadata.toArray(new StoreyMetadata[0]);
        this.ignoreParseErrors = ignoreParseErrors;
        this.producedType = producedType;
    }

    @Override
    public void open(InitializationContext context) throws Exception {
        json.open(context);
    }

    /** Null for none; a record that makes several rows needs the method with a collector. */
    @Override
    @Nullable
    public RowData deserialize(byte[] data) throws IOException {
        List<RowData> rows = new ArrayList<>();
        deserialize(data, new Rows(rows));
        if (rows.size() > 1) {
            throw new IOException("The body of an event made " + rows.size() + " rows.");
        }
        return rows.isEmpty() ? null : rows.get(0);
    }

    @Override
    public void deserialize(byte[] data, Collector<RowData> out) throws IOException {
        if (data.length == 0) {
            // What a record without data means is the same as with 'json'.
            json.deserialize(data, out);
            return;
        }
        byte[] body;
        Collector<RowData> rows = out;
        try {
            StoreyEnvelope event = read(data);
            body = body(event);
            if (metadata.length > 0) {
                rows = new Completion(event, out);
            }
        } catch (IOException e) {
            if (ignoreParseErrors) {
                return;
            }
            throw e;
        }
        json.deserialize(body, rows);
    }

    private static StoreyEnvelope read(byte[] data) throws IOException {
        try {
            return StoreyEnvelope.read(data);
        } catch (IOException e) {
            throw new IOException(
                    "A record of "
                            + data.length
                            + " bytes is no JSON, so that format '"
                            + StoreyJsonFormatFactory.IDENTIFIER
                            + "' cannot read it. Set '"
                            + StoreyJsonFormatFactory.IDENTIFIER
                            + ".ignore-parse-errors' = 'true' to leave such records out.",
                    e);
        }
    }

    /** An object with the columns of the body. */
    private byte[] body(StoreyEnvelope event) throws IOException {
        if (bodyField != null) {
            ByteArrayOutputStream out = new ByteArrayOutputStream(event.body().length + 32);
            out.write('{');
            out.writeBytes(StoreyEnvelope.json(bodyField));
            out.write(':');
            out.writeBytes(event.body());
            out.write('}');
            return out.toByteArray();
        }
        if (event.isBodyStructured()) {
            return event.body();
        }
        if (event.isBodyNull()) {
            return NO_FIELDS;
        }
        throw new IOException(
                "The body of an event is neither an object nor a list of objects, so that it has no columns. To read it"
                        + " whole, declare one column and name it in '"
                        + StoreyJsonFormatFactory.IDENTIFIER
                        + "."
                        + StoreyJsonOptions.BODY_FIELD.key()
                        + "'.");
    }

    @Override
    public boolean isEndOfStream(RowData nextElement) {
        return false;
    }

    @Override
    public TypeInformation<RowData> getProducedType() {
        return producedType;
    }

    /** Puts the metadata of an event after each row of its body. */
    private final class Completion implements Collector<RowData> {

        private final GenericRowData values = new GenericRowData(metadata.length);
        private final Collector<RowData> out;

        Completion(StoreyEnvelope event, Collector<RowData> out) throws IOException {
            this.out = out;
            for (int i = 0; i < metadata.length; i++) {
                values.setField(i, metadata[i].of(event));
            }
        }

        @Override
        public void collect(RowData body) {
            out.collect(new JoinedRowData(body.getRowKind(), body, values));
        }

        @Override
        public void close() {
            // Nothing is held here.
        }
    }

    private record Rows(List<RowData> rows) implements Collector<RowData> {

        @Override
        public void collect(RowData row) {
            rows.add(row);
        }

        @Override
        public void close() {
            // Nothing is held here.
        }
    }
}
