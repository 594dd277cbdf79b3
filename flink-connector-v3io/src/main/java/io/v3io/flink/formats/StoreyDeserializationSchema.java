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

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads what storey's StreamTarget writes: takes the body of a whole event ({@code
 * full_event=True}) out of its envelope, and leaves everything else as it is, for another schema to
 * read. The numbers NaN, Infinity and -Infinity, which Python writes and JSON does not have, become
 * strings in it.
 *
 * <pre>{@code
 * V3ioSource.<StoreyEvent<Reading>>builder()
 *         .setDeserializer(
 *                 StoreyDeserializationSchema.ofEvents(
 *                         new JsonDeserializationSchema<>(Reading.class)))
 * }</pre>
 *
 * @param <T> type of the elements
 */
@PublicEvolving
public abstract class StoreyDeserializationSchema<T> implements DeserializationSchema<T> {

    private static final long serialVersionUID = 1L;

    private StoreyDeserializationSchema() {}

    /**
     * A schema whose elements are the bodies alone.
     *
     * @param body reads the JSON of a body, and records that are no JSON
     */
    public static <T> StoreyDeserializationSchema<T> ofBodies(DeserializationSchema<T> body) {
        return new Bodies<>(body);
    }

    /**
     * A schema whose elements are events. A record without an envelope is an event with a body
     * alone; so is a body that makes several elements that many events, and one that is null an
     * event without a body.
     *
     * @param body reads the JSON of a body, and records that are no JSON
     */
    public static <T> StoreyDeserializationSchema<StoreyEvent<T>> ofEvents(
            DeserializationSchema<T> body) {
        return new Events<>(body);
    }

    abstract void deserialize(byte[] body, @Nullable StoreyEnvelope event, Collector<T> out)
            throws IOException;

    @Override
    public void deserialize(byte[] data, Collector<T> out) throws IOException {
        StoreyEnvelope event;
        try {
            event = StoreyEnvelope.read(data);
        } catch (IOException e) {
            // No JSON at all: it is for the other schema to say whether it can be read.
            deserialize(data, null, out);
            return;
        }
        deserialize(event.body(), event, out);
    }

    /** Null for no element; a body that makes several needs the method with a collector. */
    @Override
    @Nullable
    public T deserialize(byte[] data) throws IOException {
        List<T> elements = new ArrayList<>();
        deserialize(data, new Elements<>(elements::add));
        if (elements.size() > 1) {
            throw new IOException("The body of an event made " + elements.size() + " elements.");
        }
        return elements.isEmpty() ? null : elements.get(0);
    }

    @Override
    public boolean isEndOfStream(T nextElement) {
        return false;
    }

    private static final class Bodies<T> extends StoreyDeserializationSchema<T> {

        private static final long serialVersionUID = 1L;

        private final DeserializationSchema<T> body;

        Bodies(DeserializationSchema<T> body) {
            this.body = body;
        }

        @Override
        public void open(InitializationContext context) throws Exception {
            body.open(context);
        }

        @Override
        void deserialize(byte[] json, @Nullable StoreyEnvelope event, Collector<T> out)
                throws IOException {
            body.deserialize(json, out);
        }

        @Override
        public TypeInformation<T> getProducedType() {
            return body.getProducedType();
        }
    }

    private static final class Events<T> extends StoreyDeserializationSchema<StoreyEvent<T>> {

        private static final long serialVersionUID = 1L;

        private final DeserializationSchema<T> body;

        Events(DeserializationSchema<T> body) {
            this.body = body;
        }

        @Override
        public void open(InitializationContext context) throws Exception {
            body.open(context);
        }

        @Override
        void deserialize(byte[] json, @Nullable StoreyEnvelope event, Collector<StoreyEvent<T>> out)
                throws IOException {
            if (event == null) {
                body.deserialize(json, new Elements<>(one -> out.collect(StoreyEvent.of(one))));
            } else if (event.isBodyNull()) {
                out.collect(complete(event, null));
            } else {
                // Not in the lambda, where what goes wrong cannot be thrown.
                StoreyEvent<T> beside = complete(event, null);
                body.deserialize(json, new Elements<>(one -> out.collect(copy(beside, one))));
            }
        }

        private static <T> StoreyEvent<T> complete(StoreyEnvelope event, @Nullable T body)
                throws IOException {
            StoreyEvent<T> complete = StoreyEvent.of(body);
            complete.setKey(event.key() == null ? null : event.key().parts());
            complete.setId(event.id() == null ? null : event.id().text());
            complete.setTime(event.time() == null ? null : event.time().time());
            return complete;
        }

        private static <T> StoreyEvent<T> copy(StoreyEvent<T> beside, T body) {
            StoreyEvent<T> event = StoreyEvent.of(body);
            event.setKey(beside.getKey());
            event.setId(beside.getId());
            event.setTime(beside.getTime());
            return event;
        }

        @Override
        public TypeInformation<StoreyEvent<T>> getProducedType() {
            return StoreyEvent.type(body.getProducedType());
        }
    }

    private record Elements<T>(Consumer<T> each) implements Collector<T> {

        @Override
        public void collect(T element) {
            each.accept(element);
        }

        @Override
        public void close() {
            // Nothing is held here.
        }
    }
}
