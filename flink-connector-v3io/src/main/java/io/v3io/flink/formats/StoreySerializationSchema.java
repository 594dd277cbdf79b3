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
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.function.SerializableFunction;

import javax.annotation.Nullable;

import java.util.List;
import java.util.Objects;

/**
 * Writes whole events as storey's StreamTarget does with {@code full_event=True}, so that a flow of
 * storey finds body, key and id in them again. Another schema makes the JSON of the body.
 *
 * <pre>{@code
 * StoreySerializationSchema.ofBodies(new JsonSerializationSchema<Order>())
 *         .withKey(order -> List.of(order.customer()))
 *         .withId(order -> order.id())
 * }</pre>
 *
 * @param <T> type of the elements
 */
@PublicEvolving
public final class StoreySerializationSchema<T> implements SerializationSchema<T> {

    private static final long serialVersionUID = 1L;

    private final SerializationSchema<T> body;
    @Nullable private final SerializableFunction<T, List<String>> key;
    @Nullable private final SerializableFunction<T, String> id;

    private StoreySerializationSchema(
            SerializationSchema<T> body,
            @Nullable SerializableFunction<T, List<String>> key,
            @Nullable SerializableFunction<T, String> id) {
        this.body = Objects.requireNonNull(body, "body");
        this.key = key;
        this.id = id;
    }

    /**
     * A schema for elements that are bodies, without a key and an id.
     *
     * @param body makes the JSON of a body
     */
    public static <T> StoreySerializationSchema<T> ofBodies(SerializationSchema<T> body) {
        return new StoreySerializationSchema<>(body, null, null);
    }

    /**
     * A schema for events. One without a body has the body null.
     *
     * @param body makes the JSON of a body
     */
    public static <T> StoreySerializationSchema<StoreyEvent<T>> ofEvents(
            SerializationSchema<T> body) {
        return new StoreySerializationSchema<>(
                new BodyOfEvent<>(body), StoreyEvent::getKey, StoreyEvent::getId);
    }

    /**
     * The same schema with keys.
     *
     * @param key the parts of an element's key, of which a single one is written as a text and
     *     several as a list; null or none for no key
     */
    public StoreySerializationSchema<T> withKey(SerializableFunction<T, List<String>> key) {
        return new StoreySerializationSchema<>(body, key, id);
    }

    /**
     * The same schema with ids.
     *
     * @param id the id of an element; null for none
     */
    public StoreySerializationSchema<T> withId(SerializableFunction<T, String> id) {
        return new StoreySerializationSchema<>(body, key, id);
    }

    @Override
    public void open(InitializationContext context) throws Exception {
        body.open(context);
    }

    /** Null if the schema of bodies makes nothing of the element. */
    @Override
    @Nullable
    public byte[] serialize(T element) {
        byte[] json = body.serialize(element);
        if (json == null) {
            return null;
        }
        if (!StoreyEnvelope.isJson(json)) {
            throw new FlinkRuntimeException(
                    "The schema for bodies of events made "
                            + json.length
                            + " bytes that are not one value of JSON, and storey could not read the event. Use a schema"
                            + " that writes JSON, such as Flink's JsonSerializationSchema.");
        }
        List<String> parts = key == null ? null : key.apply(element);
        return StoreyEnvelope.write(
                json,
                parts == null || parts.isEmpty()
                        ? null
                        : parts.size() == 1
                                ? StoreyEnvelope.json(parts.get(0))
                                : StoreyEnvelope.json(parts),
                id == null ? null : id.apply(element));
    }

    private record BodyOfEvent<T>(SerializationSchema<T> schema)
            implements SerializationSchema<StoreyEvent<T>> {

        private static final byte[] NULL = {'n', 'u', 'l', 'l'};

        @Override
        public void open(InitializationContext context) throws Exception {
            schema.open(context);
        }

        @Override
        @Nullable
        public byte[] serialize(StoreyEvent<T> event) {
            return event.getBody() == null ? NULL.clone() : schema.serialize(event.getBody());
        }
    }
}
