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
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;

import javax.annotation.Nullable;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * An event of storey, as it stands in a record that storey's StreamTarget wrote with {@code
 * full_event=True}. For Flink it is a POJO; {@link #type} is its type.
 *
 * @param <T> type of the body
 */
@PublicEvolving
public final class StoreyEvent<T> {

    @Nullable private T body;
    @Nullable private List<String> key;
    @Nullable private String id;
    @Nullable private Instant time;

    /** An event without anything, for Flink's serializer. */
    public StoreyEvent() {}

    /** An event with a body alone. */
    public static <T> StoreyEvent<T> of(@Nullable T body) {
        StoreyEvent<T> event = new StoreyEvent<>();
        event.body = body;
        return event;
    }

    /** The type of events with bodies of a type. */
    @SuppressWarnings({"unchecked", "rawtypes"}) // a class has no type arguments
    public static <T> TypeInformation<StoreyEvent<T>> type(TypeInformation<T> body) {
        return (TypeInformation)
                Types.POJO(
                        StoreyEvent.class,
                        Map.of(
                                "body",
                                body,
                                "key",
                                Types.LIST(Types.STRING),
                                "id",
                                Types.STRING,
                                "time",
                                Types.INSTANT));
    }

    /** Null if the event has none. */
    @Nullable
    public T getBody() {
        return body;
    }

    public void setBody(@Nullable T body) {
        this.body = body;
    }

    /**
     * The parts of the key: one, or several if storey's key is a list. Null if the event has none.
     */
    @Nullable
    public List<String> getKey() {
        return key;
    }

    /** A key of one part is written as a text, any other as a list. */
    public void setKey(@Nullable List<String> key) {
        this.key = key;
    }

    /** Null if the event has none. */
    @Nullable
    public String getId() {
        return id;
    }

    public void setId(@Nullable String id) {
        this.id = id;
    }

    /**
     * When the event happened, which storey wrote up to version 1.2; null if the event does not
     * tell. It is read and never written.
     */
    @Nullable
    public Instant getTime() {
        return time;
    }

    public void setTime(@Nullable Instant time) {
        this.time = time;
    }

    /** This event, with a key of these parts. */
    public StoreyEvent<T> withKey(String... parts) {
        setKey(List.of(parts));
        return this;
    }

    /** This event, with an id. */
    public StoreyEvent<T> withId(@Nullable String id) {
        setId(id);
        return this;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StoreyEvent<?> that
                && Objects.equals(body, that.body)
                && Objects.equals(key, that.key)
                && Objects.equals(id, that.id)
                && Objects.equals(time, that.time);
    }

    @Override
    public int hashCode() {
        return Objects.hash(body, key, id, time);
    }

    @Override
    public String toString() {
        return "StoreyEvent{id=" + id + ", key=" + key + ", time=" + time + ", body=" + body + "}";
    }
}
