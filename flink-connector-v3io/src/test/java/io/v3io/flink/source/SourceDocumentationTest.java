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

import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.metrics.MetricNames;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** The page of the source against the code: no option, setter or metric is missing or too much. */
class SourceDocumentationTest {

    private static String page;

    @BeforeAll
    static void readPage() throws IOException {
        page = Files.readString(Path.of("..", "docs", "datastream-source.md"));
    }

    @Test
    void everyOptionIsThereWithItsDefault() throws IllegalAccessException {
        Map<String, String> documented = new TreeMap<>();
        for (List<String> row : rows("Options")) {
            if (row.get(1).startsWith("`scan.")) {
                documented.put(code(row.get(1)), code(row.get(3)));
            }
        }
        Map<String, String> defined = new TreeMap<>();
        for (Field field : V3ioSourceOptions.class.getFields()) {
            ConfigOption<?> option = (ConfigOption<?>) field.get(null);
            defined.put(option.key(), text(option.defaultValue()));
        }

        assertThat(documented).isEqualTo(defined);
    }

    @Test
    void everySetterIsThere() {
        Set<String> documented = new TreeSet<>();
        rows("Options").forEach(row -> documented.addAll(codes(row.get(0))));
        Set<String> setters = new TreeSet<>();
        for (Method method : V3ioSourceBuilder.class.getMethods()) {
            if (method.getReturnType() == V3ioSourceBuilder.class) {
                setters.add(method.getName());
            }
        }

        assertThat(documented).isEqualTo(setters);
    }

    @Test
    void everyMetricIsThere() throws IllegalAccessException {
        Set<String> documented = new TreeSet<>();
        for (List<String> row : rows("Metrics")) {
            documented.add(code(row.get(0)).replace(V3ioSourceReaderMetrics.GROUP + ".", ""));
        }
        Set<String> defined =
                new TreeSet<>(
                        Set.of(
                                MetricNames.PENDING_RECORDS,
                                MetricNames.NUM_RECORDS_IN_ERRORS,
                                MetricNames.IO_NUM_RECORDS_IN,
                                MetricNames.IO_NUM_BYTES_IN));
        for (Field field : V3ioSourceReaderMetrics.class.getFields()) {
            boolean isName =
                    Modifier.isStatic(field.getModifiers()) && !field.getName().endsWith("GROUP");
            if (isName) {
                defined.add((String) field.get(null));
            }
        }

        assertThat(documented).isEqualTo(defined);
    }

    /** The cells of a section's tables, without their heads. */
    private static List<List<String>> rows(String section) {
        Matcher matcher =
                Pattern.compile("\n## " + section + "\n(.*?)\n## ", Pattern.DOTALL).matcher(page);
        assertThat(matcher.find()).as("section %s", section).isTrue();
        List<List<String>> rows =
                matcher.group(1)
                        .lines()
                        .filter(line -> line.startsWith("| `"))
                        .map(line -> line.substring(1, line.length() - 1))
                        .map(
                                line ->
                                        Arrays.stream(line.split("\\|", -1))
                                                .map(String::strip)
                                                .toList())
                        .toList();
        assertThat(rows).as("rows of section %s", section).isNotEmpty();
        return rows;
    }

    private static List<String> codes(String cell) {
        return Pattern.compile("`([^`]+)`").matcher(cell).results().map(m -> m.group(1)).toList();
    }

    private static String code(String cell) {
        assertThat(codes(cell)).as(cell).hasSize(1);
        return codes(cell).get(0);
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
