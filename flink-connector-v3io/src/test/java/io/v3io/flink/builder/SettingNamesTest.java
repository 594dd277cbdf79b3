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

package io.v3io.flink.builder;

import io.v3io.client.V3ioClientBuilder;
import io.v3io.flink.builder.SettingNames.Setting;
import io.v3io.flink.sink.V3ioSinkBuilder;
import io.v3io.flink.sink.V3ioSinkOptions;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.V3ioSourceBuilder;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.table.V3ioConnectionOptions;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

import org.junit.jupiter.api.Test;

import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

class SettingNamesTest {

    /** Of the format of a table, and of its planning. */
    private static final Set<String> OF_SQL_ONLY = Set.of("sink.empty-for-null", "planning-check");

    /** In SQL these are columns, clauses, the format, other options, or not there. */
    private static final Set<String> OF_JAVA_ONLY =
            Set.of(
                    "setClientInfo",
                    "setDeserializer",
                    "setElementLimit",
                    "setInvalidRecordHandler",
                    "setMaxRecordBytes",
                    "setSerializationSchema",
                    "setShardAssigner",
                    "setShardId",
                    "setShardIds",
                    "setStreamSelector",
                    "setStreams");

    private static final Set<String> OF_SOURCE = setters(V3ioSourceBuilder.class);
    private static final Set<String> OF_SINK = setters(V3ioSinkBuilder.class);
    private static final Set<String> OF_CLIENT = setters(V3ioClientBuilder.class);

    @Test
    void everyOptionOfATableIsThereOnceWithItsType() {
        Map<String, Type> types = new HashMap<>();
        for (Class<?> options :
                List.of(
                        V3ioConnectionOptions.class,
                        V3ioSourceOptions.class,
                        V3ioSinkOptions.class)) {
            for (Field field : options.getFields()) {
                if (field.getType() == ConfigOption.class) {
                    ParameterizedType type = (ParameterizedType) field.getGenericType();
                    types.put(option(field).key(), type.getActualTypeArguments()[0]);
                }
            }
        }
        types.keySet().removeAll(OF_SQL_ONLY);

        assertThat(types).hasSizeGreaterThan(70);
        assertThat(SettingNames.all())
                .extracting(Setting::option)
                .containsExactlyInAnyOrderElementsOf(types.keySet());
        assertThat(SettingNames.all())
                .allSatisfy(
                        setting ->
                                assertThat(setting.isSize())
                                        .as(setting.option())
                                        .isEqualTo(
                                                types.get(setting.option()) == MemorySize.class));
    }

    private static ConfigOption<?> option(Field field) {
        try {
            return (ConfigOption<?>) field.get(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private static Set<String> setters(Class<?> builder) {
        return Arrays.stream(builder.getMethods())
                .map(Method::getName)
                .filter(name -> name.startsWith("set"))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everySetterIsOneOfTheBuilderThatTheOptionBelongsTo() {
        for (Setting setting : SettingNames.all()) {
            Set<String> setters = new TreeSet<>(OF_CLIENT);
            if (setting.option().startsWith("sink.")) {
                setters.addAll(OF_SINK);
            } else if (setting.option().startsWith("scan.")
                    || setting.option().startsWith("stream-")) {
                setters.addAll(OF_SOURCE);
            } else {
                setters.addAll(OF_SINK);
                setters.retainAll(union(OF_SOURCE, OF_CLIENT));
            }
            assertThat(setters).as(setting.option()).contains(setting.setter());
        }
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> both = new TreeSet<>(one);
        both.addAll(other);
        return both;
    }

    @Test
    void everySetterOfABuilderIsThereUnlessThereIsNoOption() {
        Set<String> all = union(union(OF_SOURCE, OF_SINK), OF_CLIENT);
        assertThat(SettingNames.all().stream().map(Setting::setter).distinct().toList())
                .doesNotContainAnyElementsOf(OF_JAVA_ONLY);
        all.removeAll(OF_JAVA_ONLY);
        assertThat(SettingNames.all().stream().map(Setting::setter))
                .containsAll(all)
                .allMatch(all::contains);
    }

    @Test
    void namesASettingAndItsValueAsBothAreTyped() {
        assertThat(SettingNames.of(V3ioSourceOptions.ON_DATA_LOSS))
                .isEqualTo("setOnDataLoss (in SQL 'scan.on-data-loss')");
        assertThat(SettingNames.of(OnDataLoss.EARLIEST)).isEqualTo("EARLIEST ('earliest')");
        assertThat(
                        SettingNames.of(
                                V3ioSinkOptions.DELIVERY_GUARANTEE,
                                DeliveryGuarantee.AT_LEAST_ONCE))
                .isEqualTo(
                        "setDeliveryGuarantee(AT_LEAST_ONCE) (in SQL 'sink.delivery-guarantee' ="
                                + " 'at-least-once')");
        assertThat(SettingNames.of(OnDeserializationFailure.DEAD_LETTER))
                .isEqualTo("DEAD_LETTER ('dead-letter')");
        assertThat(
                        List.of(
                                SettingNames.STREAM,
                                SettingNames.ACCESS_KEY,
                                SettingNames.ACCESS_KEY_FILE))
                .containsExactly(
                        SettingNames.of(V3ioConnectionOptions.STREAM),
                        SettingNames.of(V3ioConnectionOptions.SECRET_ACCESS_KEY),
                        SettingNames.of(V3ioConnectionOptions.SECRET_ACCESS_KEY_FILE));
        assertThat(
                        List.of(
                                SettingNames.SHARD_ID,
                                SettingNames.STREAM_SELECTOR,
                                SettingNames.STREAMS))
                .allSatisfy(
                        name -> assertThat(OF_SINK).contains(name.substring(0, name.indexOf(' '))));
    }

    /** Whoever copies the value out of a message into a statement gets it. */
    @Test
    void theValuesThatItNamesAreThoseOfTheOptions() {
        for (ConfigOption<? extends Enum<?>> option :
                List.of(
                        V3ioSourceOptions.ON_DATA_LOSS,
                        V3ioSourceOptions.ON_DELETED_STREAM,
                        V3ioSourceOptions.ON_MISSING_STREAM,
                        V3ioSourceOptions.ON_UNSUBSCRIBED_STREAM,
                        V3ioSourceOptions.ON_DESERIALIZATION_FAILURE,
                        V3ioSinkOptions.ON_INVALID_RECORD,
                        V3ioSinkOptions.DELIVERY_GUARANTEE)) {
            List<Enum<?>> read = new ArrayList<>();
            Enum<?>[] values = option.defaultValue().getDeclaringClass().getEnumConstants();
            for (Enum<?> value : values) {
                String inSql = SettingNames.of(value).replaceAll(".*'(.*)'\\)", "$1");
                read.add(Configuration.fromMap(Map.of(option.key(), inSql)).get(option));
            }
            assertThat(read).containsExactly(values);
        }
    }
}
