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

package io.v3io.flink.table;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientConfig;
import io.v3io.testing.DocumentationPage;

import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.table.types.DataType;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

import static org.assertj.core.api.Assertions.assertThat;

/** The page of tables against the code: no option and no metadata is missing or too much. */
class SqlDocumentationTest {

    private static DocumentationPage page;

    @BeforeAll
    static void readPage() throws IOException {
        page = DocumentationPage.read("sql.md");
    }

    private static Set<ConfigOption<?>> options() {
        V3ioTableFactory factory = new V3ioTableFactory();
        Set<ConfigOption<?>> all = new HashSet<>(factory.optionalOptions());
        all.addAll(factory.requiredOptions());
        return all;
    }

    @Test
    void everyOptionIsThereWithItsDefault() {
        Map<String, String> documented = new TreeMap<>();
        for (List<String> row : page.rows("Options")) {
            String lastCell = row.get(row.size() - 1);
            // A default without a value is in words.
            documented.put(
                    DocumentationPage.codes(row.get(0)).get(0),
                    lastCell.matches("`[^`]*`") ? DocumentationPage.codes(lastCell).get(0) : "");
        }
        // The cell has an escaped bar in it.
        documented.put("sink.partitioner.field-delimiter", "|");
        Map<String, String> defined = new TreeMap<>();
        options().forEach(option -> defined.put(option.key(), text(option.defaultValue())));

        assertThat(documented).isEqualTo(defined);
    }

    @Test
    void everyOptionHasADescription() {
        assertThat(options())
                .allSatisfy(
                        option -> assertThat(option.description()).as(option.key()).isNotNull());
    }

    @Test
    void theDefaultsOfTheConnectionAreThoseOfTheClient() {
        V3ioClientConfig client = V3ioClient.builder().setEndpoint("http://127.0.0.1:1").toConfig();

        assertThat(V3ioConnectionOptions.MAX_CONNECTIONS.defaultValue())
                .isEqualTo(client.maxConnections());
        assertThat(V3ioConnectionOptions.CONNECT_TIMEOUT.defaultValue())
                .isEqualTo(client.connectTimeout());
        assertThat(V3ioConnectionOptions.RESPONSE_TIMEOUT.defaultValue())
                .isEqualTo(client.responseTimeout());
        assertThat(V3ioConnectionOptions.MAX_RESPONSE_SIZE.defaultValue().getBytes())
                .isEqualTo(client.maxResponseBytes());
        assertThat(V3ioConnectionOptions.TRUST_STORE_TYPE.defaultValue())
                .isEqualTo(client.trustStoreType());
    }

    @Test
    void allMetadataIsThereWithItsTypeAndWhetherItIsWritten() {
        Map<String, String> documented = new TreeMap<>();
        for (List<String> row : page.rows("Metadata")) {
            documented.put(
                    DocumentationPage.codes(row.get(0)).get(0),
                    DocumentationPage.codes(row.get(1)).get(0)
                            + (row.get(2).startsWith("yes") ? ", written" : ""));
        }
        Map<String, DataType> writable = WritableMetadata.all();
        Map<String, String> defined = new TreeMap<>();
        for (ReadableMetadata metadata : ReadableMetadata.values()) {
            defined.put(
                    metadata.key(),
                    metadata.type()
                                    .getLogicalType()
                                    .asSummaryString()
                                    .replace("VARCHAR(2147483647)", "STRING")
                            + (writable.containsKey(metadata.key()) ? ", written" : ""));
        }

        assertThat(documented).isEqualTo(defined);
    }

    private static String text(Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Duration duration) {
            long millis = duration.toMillis();
            if (millis % 3_600_000 == 0) {
                return duration.toHours() + " h";
            }
            return millis % 1_000 == 0 ? duration.toSeconds() + " s" : millis + " ms";
        }
        if (value instanceof MemorySize size) {
            return size.getMebiBytes() + " mb";
        }
        return value instanceof String text ? text : value.toString().toLowerCase(Locale.ROOT);
    }
}
