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

package io.v3io.flink.source.reader;

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.V3ioDeserializationSchema;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;
import org.apache.flink.util.InstantiationUtil;

import javax.annotation.Nullable;

import java.io.IOException;

/**
 * A schema that was opened, and of which there can be a fresh copy: one that has failed may still
 * hold what it has not read of that record, as Avro's decoder does. Used by the task's main thread.
 *
 * @param <T> type of the elements
 */
@Internal
public final class OpenedSchema<T> {

    private final DeserializationSchema.InitializationContext context;
    @Nullable private final byte[] unopened;
    private V3ioDeserializationSchema<T> schema;

    /**
     * Opens a schema.
     *
     * @param onFailure a schema is renewed only where records are left out
     * @throws Exception if it cannot be opened
     */
    public OpenedSchema(
            V3ioDeserializationSchema<T> schema,
            DeserializationSchema.InitializationContext context,
            OnDeserializationFailure onFailure)
            throws Exception {
        this.context = context;
        this.unopened =
                onFailure == OnDeserializationFailure.FAIL
                        ? null
                        : InstantiationUtil.serializeObject(schema);
        this.schema = schema;
        schema.open(context);
    }

    TypeInformation<T> producedType() {
        return schema.getProducedType();
    }

    void deserialize(StreamRecord record, Collector<T> out) throws IOException {
        schema.deserialize(record, out);
    }

    /**
     * Goes on with a copy that has seen no record.
     *
     * @throws IOException if it cannot be opened, which says nothing about a record
     */
    void renew() throws IOException {
        try {
            V3ioDeserializationSchema<T> copy =
                    InstantiationUtil.deserializeObject(
                            unopened, context.getUserCodeClassLoader().asClassLoader());
            copy.open(context);
            schema = copy;
        } catch (Exception e) {
            throw new IOException(
                    "After a record that could not be deserialized, the schema "
                            + schema.getClass().getName()
                            + " could not be opened again: "
                            + e,
                    e);
        }
    }
}
