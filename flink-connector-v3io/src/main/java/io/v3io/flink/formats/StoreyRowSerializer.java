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

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.table.data.ArrayData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.utils.ProjectedRowData;
import org.apache.flink.util.FlinkRuntimeException;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Makes events of rows: columns of the body first, then metadata. */
final class StoreyRowSerializer implements SerializationSchema<RowData> {

    private static final long serialVersionUID = 1L;

    private static final int ABSENT = -1;

    private final SerializationSchema<RowData> json;
    private final boolean isBodyOneField;
    private final int bodyColumns;
    private final int key;
    private final int keys;
    private final int id;

    private transient ProjectedRowData body;

    /**
     * Makes events; it must be opened before.
     *
     * @param json encodes the columns of the body
     * @param isBodyOneField whether the only one of them is the whole body
     * @param bodyColumns how many there are
     * @param metadata what stands after them
     */
    StoreyRowSerializer(
            SerializationSchema<RowData> json,
            boolean isBodyOneField,
            int bodyColumns,
            List<StoreyMetadata> metadata) {
        this.json = json;
        this.isBodyOneField = isBodyOneField;
        this.bodyColumns = bodyColumns;
        this.key = position(metadata, StoreyMetadata.KEY);
        this.keys = position(metadata, StoreyMetadata.KEYS);
        this.id = position(metadata, StoreyMetadata.ID);
    }

    private int position(List<StoreyMetadata> metadata, StoreyMetadata one) {
        int index = metadata.indexOf(one);
        return index < 0 ? ABSENT : bodyColumns + index;
    }

    @Override
    public void open(InitializationContext context) throws Exception {
        json.open(context);
        body = ProjectedRowData.from(IntStream.range(0, bodyColumns).toArray());
    }

    @Override
    public byte[] serialize(RowData row) {
        byte[] fields = json.serialize(row.getArity() == bodyColumns ? row : body.replaceRow(row));
        return StoreyEnvelope.write(
                isBodyOneField ? onlyValue(fields) : fields,
                key(row),
                isNull(row, id) ? null : row.getString(id).toString());
    }

    private static byte[] onlyValue(byte[] object) {
        try {
            return StoreyEnvelope.onlyValue(object);
        } catch (IOException e) {
            throw new FlinkRuntimeException("Flink's format 'json' has written no JSON.", e);
        }
    }

    @Nullable
    private byte[] key(RowData row) {
        if (!isNull(row, key)) {
            return StoreyEnvelope.json(row.getString(key).toString());
        }
        return isNull(row, keys) ? null : StoreyEnvelope.json(texts(row.getArray(keys)));
    }

    private static List<String> texts(ArrayData array) {
        List<String> texts = new ArrayList<>(array.size());
        for (int i = 0; i < array.size(); i++) {
            texts.add(array.isNullAt(i) ? null : array.getString(i).toString());
        }
        return texts;
    }

    private static boolean isNull(RowData row, int field) {
        return field == ABSENT || row.isNullAt(field);
    }
}
