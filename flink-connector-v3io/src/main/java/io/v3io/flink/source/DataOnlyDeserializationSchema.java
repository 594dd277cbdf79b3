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

package io.v3io.flink.source;

import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;

import java.io.IOException;
import java.util.Objects;

/** Gives a record's data to one of Flink's own schemas. */
@Internal
final class DataOnlyDeserializationSchema<T> implements V3ioDeserializationSchema<T> {

    private static final long serialVersionUID = 1L;

    private final DeserializationSchema<T> schema;
    private transient CheckedCollector<T> collector;

    DataOnlyDeserializationSchema(DeserializationSchema<T> schema) {
        this.schema = Objects.requireNonNull(schema, "schema");
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) throws Exception {
        schema.open(context);
        collector = new CheckedCollector<>(schema);
    }

    @Override
    public void deserialize(StreamRecord record, Collector<T> out) throws IOException {
        collector.out = out;
        schema.deserialize(record.data(), collector);
    }

    @Override
    public TypeInformation<T> getProducedType() {
        return schema.getProducedType();
    }

    /** Refuses an element that would end the stream. */
    private static final class CheckedCollector<T> implements Collector<T> {
        private final DeserializationSchema<T> schema;
        private Collector<T> out;

        private CheckedCollector(DeserializationSchema<T> schema) {
            this.schema = schema;
        }

        @Override
        public void collect(T element) {
            if (schema.isEndOfStream(element)) {
                throw new EndOfStreamException(schema.getClass().getName());
            }
            out.collect(element);
        }

        @Override
        public void close() {
            // The caller closes what it has given.
        }
    }
}
