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

import io.v3io.flink.source.metrics.V3ioEnumeratorMetrics;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.testing.DocumentationPage;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.metrics.MetricNames;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import static org.assertj.core.api.Assertions.assertThat;

/** The page of the source against the code: no option, setter or metric is missing or too much. */
class SourceDocumentationTest {

    private static final String NO_DEFAULT = "none";

    /** Beginnings of options that spell out in a table what a setter takes as one object. */
    private static final List<String> TEXT_OF_TABLES =
            List.of("stream-", "scan.startup.", "scan.bounded.", "scan.retry.");

    private static DocumentationPage page;

    @BeforeAll
    static void readPage() throws IOException {
        page = DocumentationPage.read("datastream-source.md");
    }

    @Test
    void everyOptionIsThereWithItsDefault() throws IllegalAccessException {
        Map<String, String> documented = new TreeMap<>();
        for (List<String> row : page.rows("Options")) {
            if (row.get(1).startsWith("`scan.")) {
                documented.put(
                        code(row.get(1)),
                        row.get(3).trim().equals(NO_DEFAULT) ? NO_DEFAULT : code(row.get(3)));
            }
        }
        Map<String, String> defined = new TreeMap<>();
        for (Field field : V3ioSourceOptions.class.getFields()) {
            ConfigOption<?> option = (ConfigOption<?>) field.get(null);
            if (TEXT_OF_TABLES.stream().noneMatch(option.key()::startsWith)) {
                defined.put(
                        option.key(),
                        option.hasDefaultValue() ? text(option.defaultValue()) : NO_DEFAULT);
            }
        }

        assertThat(documented).isEqualTo(defined);
    }

    @Test
    void everySetterIsThere() {
        assertThat(page.firstColumn("Options"))
                .isEqualTo(DocumentationPage.setters(V3ioSourceBuilder.class));
    }

    @Test
    void everyMetricIsThere() throws IllegalAccessException {
        Set<String> documented = new TreeSet<>();
        for (List<String> row : page.rows("Metrics")) {
            documented.add(code(row.get(0)).replace(V3ioSourceReaderMetrics.GROUP + ".", ""));
        }
        Set<String> defined =
                new TreeSet<>(
                        Set.of(
                                MetricNames.PENDING_RECORDS,
                                MetricNames.NUM_RECORDS_IN_ERRORS,
                                MetricNames.IO_NUM_RECORDS_IN,
                                MetricNames.IO_NUM_BYTES_IN));
        defined.add(MetricNames.UNASSIGNED_SPLITS);
        List<Field> names = new ArrayList<>(List.of(V3ioSourceReaderMetrics.class.getFields()));
        names.addAll(List.of(V3ioEnumeratorMetrics.class.getFields()));
        for (Field field : names) {
            boolean isName =
                    Modifier.isStatic(field.getModifiers()) && !field.getName().endsWith("GROUP");
            if (isName) {
                defined.add((String) field.get(null));
            }
        }

        assertThat(documented).isEqualTo(defined);
    }

    private static String code(String cell) {
        assertThat(DocumentationPage.codes(cell)).as(cell).hasSize(1);
        return DocumentationPage.codes(cell).get(0);
    }

    private static String text(Object value) {
        if (value instanceof Duration duration) {
            long millis = duration.toMillis();
            return millis % 1_000 == 0 ? millis / 1_000 + " s" : millis + " ms";
        }
        if (value instanceof MemorySize size) {
            return size.getMebiBytes() + " mb";
        }
        return value.toString().toLowerCase(Locale.ROOT);
    }
}
