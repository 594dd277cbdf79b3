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

package io.v3io.flink.sink;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
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
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/** The page of the sink against the code: no setter, default or metric is missing or too much. */
class SinkDocumentationTest {

    private static String page;

    @BeforeAll
    static void readPage() throws IOException {
        page = Files.readString(Path.of("..", "docs", "datastream-sink.md"));
    }

    @Test
    void everySetterIsThere() {
        Set<String> documented = new TreeSet<>();
        rows("Options").forEach(row -> documented.addAll(codes(row.get(0))));
        Set<String> setters = new TreeSet<>();
        for (Method method : V3ioSinkBuilder.class.getMethods()) {
            if (method.getReturnType() == V3ioSinkBuilder.class) {
                setters.add(method.getName());
            }
        }

        assertThat(documented).isEqualTo(setters);
    }

    @Test
    void everyDefaultIsRight() {
        Map<String, String> documented = new TreeMap<>();
        for (List<String> row : rows("Options")) {
            // A default without a value is in words.
            if (row.get(2).matches("`[^`]*`")) {
                documented.put(codes(row.get(0)).get(0), codes(row.get(2)).get(0));
            }
        }
        SinkSettings settings =
                V3ioSink.<String>builder()
                        .setEndpoint("http://127.0.0.1:8081")
                        .setStream("users/me/orders")
                        .setSerializationSchema(new SimpleStringSchema())
                        .build()
                        .settings();
        Map<String, String> defaults = new TreeMap<>();
        defaults.put(
                "setShardDiscoveryInterval", seconds(settings.routing().shardDiscoveryInterval()));
        defaults.put("setOrdered", String.valueOf(settings.routing().ordered()));
        defaults.put("setDeliveryGuarantee", settings.deliveryGuarantee().name());
        defaults.put("setInvalidRecordPolicy", settings.invalidRecords().policy().name());
        defaults.put("setMaxBatchSize", String.valueOf(settings.maxBatchSize()));
        defaults.put("setMaxBatchSizeInBytes", mebibytes(settings.maxBatchSizeInBytes()));
        defaults.put("setMaxTimeInBuffer", seconds(settings.maxTimeInBuffer()));
        defaults.put("setMaxInFlightRequests", String.valueOf(settings.maxInFlightRequests()));
        defaults.put("setMaxBufferedRequests", String.valueOf(settings.maxBufferedRequests()));
        defaults.put("setMaxPendingBytes", mebibytes(settings.maxPendingBytes()));

        assertThat(documented).isEqualTo(defaults);
        assertThat(page)
                .contains(
                        "up to "
                                + settings.retryPolicy().maxRetries()
                                + " repetitions within "
                                + settings.retryPolicy().maxElapsed().toMinutes()
                                + " minutes, with pauses from "
                                + settings.retryPolicy().initialBackoff().toMillis()
                                + " ms to "
                                + seconds(settings.retryPolicy().maxBackoff()));
    }

    @Test
    void everyMetricIsThere() throws IllegalAccessException {
        Set<String> documented = new TreeSet<>();
        for (List<String> row : rows("Metrics")) {
            documented.add(codes(row.get(0)).get(0).replace(SinkMetrics.GROUP + ".", ""));
        }
        Set<String> defined =
                new TreeSet<>(
                        Set.of(
                                MetricNames.NUM_RECORDS_SEND,
                                MetricNames.NUM_BYTES_SEND,
                                MetricNames.NUM_RECORDS_SEND_ERRORS,
                                MetricNames.CURRENT_SEND_TIME));
        for (SendFailure failure : SendFailure.values()) {
            defined.add(failure.metric());
        }
        for (Field field : SinkMetrics.class.getDeclaredFields()) {
            boolean isName =
                    Modifier.isStatic(field.getModifiers())
                            && field.getType() == String.class
                            && !field.getName().equals("GROUP");
            if (isName) {
                defined.add((String) field.get(null));
            }
        }

        assertThat(documented).isEqualTo(defined);
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }

    private static String mebibytes(long bytes) {
        return bytes / (1024 * 1024) + " MiB";
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
}
