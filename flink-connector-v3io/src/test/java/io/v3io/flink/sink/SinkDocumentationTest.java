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

import io.v3io.flink.sink.exactlyonce.EpochMetrics;
import io.v3io.flink.sink.exactlyonce.ExactlyOnceWriter;
import io.v3io.flink.sink.writer.SinkMetrics;
import io.v3io.flink.sink.writer.SinkMetrics.SendFailure;
import io.v3io.flink.sink.writer.SinkSettings;
import io.v3io.testing.DocumentationPage;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.runtime.metrics.MetricNames;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

import static org.assertj.core.api.Assertions.assertThat;

/** The page of the sink against the code: no setter, default or metric is missing or too much. */
class SinkDocumentationTest {

    private static DocumentationPage page;

    @BeforeAll
    static void readPage() throws IOException {
        page = DocumentationPage.read("datastream-sink.md");
    }

    @Test
    void everySetterIsThere() {
        assertThat(page.firstColumn("Options"))
                .isEqualTo(DocumentationPage.setters(V3ioSinkBuilder.class));
    }

    @Test
    void everyDefaultIsRight() {
        Map<String, String> documented = new TreeMap<>();
        for (List<String> row : page.rows("Options")) {
            // A default without a value is in words.
            if (row.get(2).matches("`[^`]*`")) {
                documented.put(
                        DocumentationPage.codes(row.get(0)).get(0),
                        DocumentationPage.codes(row.get(2)).get(0));
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
        defaults.put("setTagRecords", String.valueOf(V3ioSinkOptions.TAG_RECORDS.defaultValue()));
        defaults.put("setPartitioner", settings.routing().partitioner().name());
        defaults.put("setDeliveryGuarantee", settings.deliveryGuarantee().name());
        defaults.put("setOnInvalidRecord", settings.invalidRecords().policy().name());
        defaults.put("setMaxBatchSize", String.valueOf(settings.maxBatchSize()));
        defaults.put("setMaxBatchSizeInBytes", mebibytes(settings.maxBatchSizeInBytes()));
        defaults.put("setMaxTimeInBuffer", seconds(settings.maxTimeInBuffer()));
        defaults.put("setMaxInFlightRequests", String.valueOf(settings.maxInFlightRequests()));
        defaults.put("setMaxBufferedRequests", String.valueOf(settings.maxBufferedRequests()));
        defaults.put("setMaxPendingBytes", mebibytes(settings.maxPendingBytes()));
        defaults.put("setMaxRecordSizeInBytes", mebibytes(settings.maxRecordSize()));
        defaults.put(
                "setMaxInlineSize",
                mebibytes(V3ioSinkOptions.MAX_INLINE_SIZE.defaultValue().getBytes()));
        defaults.put("setTakeoverDelay", seconds(V3ioSinkOptions.TAKEOVER_DELAY.defaultValue()));

        assertThat(documented).isEqualTo(defaults);
        assertThat(page.text())
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
        for (List<String> row : page.rows("Metrics")) {
            documented.add(
                    DocumentationPage.codes(row.get(0))
                            .get(0)
                            .replace(SinkMetrics.GROUP + ".", ""));
        }
        Set<String> defined =
                new TreeSet<>(
                        Set.of(
                                MetricNames.NUM_RECORDS_SEND,
                                MetricNames.NUM_BYTES_SEND,
                                MetricNames.NUM_RECORDS_SEND_ERRORS,
                                MetricNames.CURRENT_SEND_TIME,
                                MetricNames.PENDING_COMMITTABLES));
        for (SendFailure failure : SendFailure.values()) {
            defined.add(failure.metric());
        }
        defined.addAll(names(SinkMetrics.class));
        defined.addAll(names(EpochMetrics.class));
        defined.addAll(names(ExactlyOnceWriter.class));

        assertThat(documented).isEqualTo(defined);
    }

    /** The constants of a class that are names of metrics. */
    private static Set<String> names(Class<?> metrics) throws IllegalAccessException {
        Set<String> names = new TreeSet<>();
        for (Field field : metrics.getDeclaredFields()) {
            boolean isName =
                    Modifier.isStatic(field.getModifiers())
                            && field.getType() == String.class
                            && !field.getName().equals("GROUP");
            if (isName) {
                field.setAccessible(true);
                names.add((String) field.get(null));
            }
        }
        return names;
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }

    private static String mebibytes(long bytes) {
        return bytes / (1024 * 1024) + " MiB";
    }
}
