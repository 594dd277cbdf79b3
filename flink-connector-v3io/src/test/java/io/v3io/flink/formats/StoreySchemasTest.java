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

import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.PojoTypeInfo;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.formats.json.JsonDeserializationSchema;
import org.apache.flink.formats.json.JsonSerializationSchema;
import org.apache.flink.util.Collector;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.InstantiationUtil;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Events of storey in DataStream jobs. */
class StoreySchemasTest {

    private static final Map<String, byte[]> GOLDEN = GoldenEvents.of("1.11.7");

    /** The body of the events, as a class of a user. */
    public static class Visit {
        public String user;
        public double nan;

        @Override
        public boolean equals(Object other) {
            return other instanceof Visit that
                    && user.equals(that.user)
                    && Double.compare(nan, that.nan) == 0;
        }

        @Override
        public int hashCode() {
            return user.hashCode();
        }
    }

    private static <T> List<T> read(StoreyDeserializationSchema<T> schema, byte[] data)
            throws Exception {
        StoreyDeserializationSchema<T> shipped = InstantiationUtil.clone(schema);
        shipped.open(null);
        List<T> elements = new ArrayList<>();
        shipped.deserialize(
                data,
                new Collector<>() {
                    @Override
                    public void collect(T element) {
                        elements.add(element);
                    }

                    @Override
                    public void close() {}
                });
        return elements;
    }

    private static List<StoreyEvent<String>> events(String kind) throws Exception {
        return read(
                StoreyDeserializationSchema.ofEvents(new SimpleStringSchema()), GOLDEN.get(kind));
    }

    @Test
    void eventsHaveBodyKeyAndId() throws Exception {
        assertThat(events("key of three"))
                .containsExactly(
                        event("{\"user\": \"ada\"}", Arrays.asList("ada", "3", null), "id-9"));
        assertThat(events("text")).containsExactly(event("\"one\"", List.of("k"), "id-2"));
        assertThat(events("neither")).containsExactly(event("{\"user\": \"ada\"}", null, null));
        assertThat(events("nothing")).containsExactly(event(null, List.of("k"), "id-7"));
        assertThat(events("plain text, not ASCII")).containsExactly(event("twö", null, null));
        assertThat(events("plain").get(0).getKey()).isNull();
        assertThat(
                        read(
                                StoreyDeserializationSchema.ofEvents(new SimpleStringSchema()),
                                GoldenEvents.of("1.2.2").get("time without an offset")))
                .extracting(StoreyEvent::getTime)
                .containsExactly(Instant.parse("2026-01-02T03:04:05Z"));
    }

    private static StoreyEvent<String> event(String body, List<String> key, String id) {
        StoreyEvent<String> event = StoreyEvent.of(body);
        event.setKey(key);
        event.setId(id);
        return event;
    }

    @Test
    void bodiesAreReadByAnySchema() throws Exception {
        StoreyDeserializationSchema<Visit> schema =
                StoreyDeserializationSchema.ofBodies(new JsonDeserializationSchema<>(Visit.class));
        Visit visit = new Visit();
        visit.user = "ada";
        assertThat(read(schema, GOLDEN.get("neither"))).containsExactly(visit);
        assertThat(schema.getProducedType()).isEqualTo(TypeInformation.of(Visit.class));
        visit.nan = Double.NaN;
        assertThat(read(schema, GOLDEN.get("plain with no numbers"))).containsExactly(visit);
        assertThat(read(schema, GOLDEN.get("nothing"))).isEmpty();
        assertThatThrownBy(() -> read(schema, GOLDEN.get("plain text")))
                .isInstanceOf(java.io.IOException.class);
    }

    /** The first value alone would pass for the whole record. */
    @Test
    void moreThanOneValueIsNoJsonAndStaysAsItIs() throws Exception {
        for (String data :
                List.of(
                        "12 monkeys",
                        "true story",
                        "null and void",
                        "{\"a\":1}\n{\"a\":2}",
                        "{\"full_event_wrapper\": true, \"body\": 1} 2")) {
            byte[] bytes = data.getBytes(UTF_8);
            assertThat(read(StoreyDeserializationSchema.ofBodies(new SimpleStringSchema()), bytes))
                    .containsExactly(data);
            assertThat(read(StoreyDeserializationSchema.ofEvents(new SimpleStringSchema()), bytes))
                    .extracting(StoreyEvent::getBody)
                    .containsExactly(data);
        }
    }

    /** Flink writes them to state field by field, and not by Kryo. */
    @Test
    void eventsArePojos() throws Exception {
        TypeInformation<StoreyEvent<String>> type = StoreyEvent.type(Types.STRING);
        assertThat(type).isInstanceOf(PojoTypeInfo.class);
        TypeSerializer<StoreyEvent<String>> serializer =
                type.createSerializer(new SerializerConfigImpl());
        for (StoreyEvent<String> event :
                List.of(
                        StoreyEvent.of("b").withKey("a", "b").withId("i"),
                        StoreyEvent.<String>of(null))) {
            DataOutputSerializer out = new DataOutputSerializer(64);
            serializer.serialize(event, out);
            assertThat(serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
                    .isEqualTo(event);
        }
    }

    @Test
    void writesEventsAsStoreyDoes() throws Exception {
        StoreySerializationSchema<StoreyEvent<Map<String, String>>> schema =
                InstantiationUtil.clone(
                        StoreySerializationSchema.ofEvents(new JsonSerializationSchema<>()));
        schema.open(null);
        Map<String, String> ada = Map.of("user", "ada");

        assertThat(json(schema, StoreyEvent.of(ada).withKey("ada").withId(null)))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("no id")));
        assertThat(json(schema, StoreyEvent.of(ada).withKey("ada", "london").withId("id-8")))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("key of two")));
        assertThat(json(schema, StoreyEvent.of(ada)))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("neither")));
        assertThat(
                        json(
                                schema,
                                StoreyEvent.<Map<String, String>>of(null)
                                        .withKey("k")
                                        .withId("id-7")))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("nothing")));
    }

    @Test
    void writesBodiesWithKeysAndIds() throws Exception {
        StoreySerializationSchema<Map<String, String>> schema =
                InstantiationUtil.clone(
                        StoreySerializationSchema.ofBodies(
                                        new JsonSerializationSchema<Map<String, String>>())
                                .withKey(visit -> List.of(visit.get("user"), "london"))
                                .withId(visit -> "id-8"));
        schema.open(null);

        assertThat(GoldenEvents.json(schema.serialize(Map.of("user", "ada"))))
                .isEqualTo(GoldenEvents.json(GOLDEN.get("key of two")));
    }

    @Test
    void aBodyThatIsNoJsonIsRefused() {
        StoreySerializationSchema<String> schema =
                StoreySerializationSchema.ofBodies(new SimpleStringSchema());
        for (String wrong : List.of("one", "{\"a\": 1} 2", "", "{\"a\"", "1 2")) {
            assertThatThrownBy(() -> schema.serialize(wrong))
                    .isInstanceOf(FlinkRuntimeException.class)
                    .hasMessageContaining("JsonSerializationSchema");
        }
        assertThat(new String(schema.serialize(" [1] "), UTF_8))
                .isEqualTo("{\"full_event_wrapper\": true, \"body\":  [1] }");
    }

    private static <T> com.fasterxml.jackson.databind.JsonNode json(
            StoreySerializationSchema<StoreyEvent<T>> schema, StoreyEvent<T> event) {
        return GoldenEvents.json(schema.serialize(event));
    }
}
