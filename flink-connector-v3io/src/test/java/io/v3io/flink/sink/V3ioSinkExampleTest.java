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

import io.v3io.client.model.PutRecord;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The examples in the Javadoc of {@link V3ioSink} and in the documentation are this code, so they
 * compile and build.
 */
class V3ioSinkExampleTest {

    private static final Path MAIN = Path.of("src/main/java/io/v3io/flink/sink/V3ioSink.java");
    private static final Path PAGE = Path.of("..", "docs", "datastream-sink.md");
    private static final Path TEST =
            Path.of("src/test/java/io/v3io/flink/sink/V3ioSinkExampleTest.java");

    @Test
    void buildsTheExampleOfTheJavadoc() {
        DataStream<String> orders =
                StreamExecutionEnvironment.getExecutionEnvironment().fromData("wolf,1");
        // example begins
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint("http://127.0.0.1:8081")
                        .setAccessKeyFile(Path.of("/var/run/secrets/v3io/access-key"))
                        .setStream("users/me/orders")
                        .setSerializationSchema(new SimpleStringSchema())
                        .setPartitionKey(order -> order.substring(0, order.indexOf(',')))
                        .build();
        orders.sinkTo(sink);
        // example ends
        assertThat(sink.settings().routing().streams()).hasToString("[users/me/orders]");
    }

    @Test
    void showsThisCodeInTheJavadoc() throws IOException {
        List<String> shown =
                between(Files.readAllLines(MAIN), "<pre>{@code", "}</pre>").stream()
                        .map(line -> line.replaceFirst("^ \\* ?", ""))
                        .map(String::strip)
                        .toList();
        List<String> compiled =
                between(Files.readAllLines(TEST), "// example begins", "// example ends").stream()
                        .map(String::strip)
                        .toList();
        assertThat(shown).isNotEmpty().isEqualTo(compiled);
    }

    @Test
    void buildsTheExampleOfTheDeadLetters() {
        // dead letters begin
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setStream("users/me/orders")
                        .setSerializationSchema(new SimpleStringSchema())
                        .setInvalidRecordHandler(
                                invalid ->
                                        PutRecord.of(
                                                        invalid.reason()
                                                                .getBytes(StandardCharsets.UTF_8))
                                                .withPartitionKey(invalid.stream()))
                        .setDeadLetterStream("users/me/orders-dead-letters")
                        .setCreateStream(8, 24)
                        .build();
        // dead letters end
        assertThat(sink.settings().allStreams()).hasSize(2);
    }

    @Test
    void showsTheDeadLettersInTheDocumentation() throws IOException {
        // The formatter breaks lines in its own way, so only what is in them is compared.
        assertThat(code(Files.readAllLines(PAGE), "```java", "```"))
                .isEqualTo(
                        code(
                                Files.readAllLines(TEST),
                                "// dead letters begin",
                                "// dead letters end"));
    }

    private static String code(List<String> lines, String first, String last) {
        return String.join("", between(lines, first, last)).replaceAll("\\s", "");
    }

    private static List<String> between(List<String> lines, String first, String last) {
        int start = indexOf(lines, first);
        return lines.subList(start + 1, start + indexOf(lines.subList(start, lines.size()), last));
    }

    private static int indexOf(List<String> lines, String text) {
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).strip().endsWith(text)) {
                return i;
            }
        }
        throw new AssertionError("No line ends with " + text);
    }
}
