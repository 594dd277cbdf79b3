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

import io.v3io.flink.sink.PartitionKeySelector;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.Schema;
import org.apache.flink.table.catalog.CatalogTable;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ObjectIdentifier;
import org.apache.flink.table.catalog.ResolvedCatalogTable;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.connector.ParallelismProvider;
import org.apache.flink.table.connector.sink.SinkV2Provider;
import org.apache.flink.table.connector.source.ScanTableSource;
import org.apache.flink.table.connector.source.SourceProvider;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.runtime.connector.sink.SinkRuntimeProviderContext;
import org.apache.flink.table.runtime.connector.source.ScanRuntimeProviderContext;
import org.apache.flink.util.InstantiationUtil;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every option of a table: that it is read, what it changes, and what is refused. */
class V3ioTableFactoryTest {

    private static final ClassLoader CLASS_LOADER = V3ioTableFactoryTest.class.getClassLoader();

    /** For each option a value that is not its default, and the options that it needs beside it. */
    private static final Map<String, List<String>> READING =
            Map.ofEntries(
                    option("endpoint", "http://elsewhere:1"),
                    option("stream", "users/me/other"),
                    option("secret.access-key", "k"),
                    option("secret.access-key-file", "/k"),
                    option("user", "me", "secret.password", "p"),
                    option("secret.password", "p", "user", "me"),
                    option("tls.trust-store", "/t"),
                    option("tls.trust-store.password", "p", "tls.trust-store", "/t"),
                    option("tls.trust-store.type", "JKS", "tls.trust-store", "/t"),
                    option("tls.insecure-skip-verification", "true"),
                    option("client.proxy", "http://proxy:1"),
                    option("client.max-connections", "99"),
                    option("client.io-threads", "3"),
                    option("client.connect-timeout", "7 s"),
                    option("client.response-timeout", "7 s"),
                    option("client.max-response-size", "7 mb"),
                    option("stream-pattern", "o.*", "stream-directory", "users/me", "stream", ""),
                    option("stream-directory", "users/me", "stream-pattern", "o.*", "stream", ""),
                    option("scan.startup.mode", "latest"),
                    option(
                            "scan.startup.timestamp-millis",
                            "1767225600005",
                            "scan.startup.mode",
                            "timestamp"),
                    option(
                            "scan.startup.sequence-numbers",
                            "shard:0,sequence-number:5",
                            "scan.startup.mode",
                            "sequence-numbers"),
                    option(
                            "scan.startup.fallback",
                            "latest",
                            "scan.startup.mode",
                            "committed",
                            "scan.startup.consumer-group",
                            "g"),
                    option("scan.startup.consumer-group", "g", "scan.startup.mode", "committed"),
                    option("scan.consumer-group", "g"),
                    option("scan.bounded.mode", "latest"),
                    option(
                            "scan.bounded.timestamp-millis",
                            "1767225600005",
                            "scan.bounded.mode",
                            "timestamp"),
                    option(
                            "scan.bounded.sequence-numbers",
                            "shard:0,sequence-number:5",
                            "scan.bounded.mode",
                            "sequence-numbers"),
                    option("scan.bounded.consumer-group", "g", "scan.bounded.mode", "committed"),
                    option("scan.bounded.as-stream", "true", "scan.bounded.mode", "latest"),
                    option("scan.retry.max-retries", "7"),
                    option("scan.retry.max-elapsed", "7 s"),
                    option("scan.retry.initial-backoff", "7 ms"),
                    option("scan.retry.max-backoff", "7 s"),
                    option("scan.shard-discovery.interval", "7 s"),
                    option("scan.on-missing-stream", "wait"),
                    option("scan.on-deleted-stream", "end"),
                    option("scan.on-unsubscribed-stream", "drop"),
                    option("scan.fetch.max-records", "7"),
                    option("scan.fetch.buffer-size", "7 mb"),
                    option("scan.fetch.read-ahead", "7"),
                    option("scan.idle-pause.min", "7 ms"),
                    option("scan.idle-pause.max", "7 s"),
                    option("scan.backlog.threshold", "7 s"),
                    option("scan.drop-duplicates", "true"),
                    option("scan.drop-duplicates.max-records", "7", "scan.drop-duplicates", "true"),
                    option("scan.drop-duplicates.max-time", "7 s", "scan.drop-duplicates", "true"),
                    option("scan.rate-limit.records-per-second", "7"),
                    option("scan.rate-limit.bytes-per-second", "7 mb"),
                    option("scan.on-data-loss", "latest"),
                    option("scan.on-deserialization-failure", "drop"),
                    option(
                            "scan.dead-letter.stream",
                            "users/me/letters",
                            "scan.on-deserialization-failure",
                            "dead-letter"),
                    option("scan.parallelism", "7"));

    private static final Map<String, List<String>> WRITING =
            Map.ofEntries(
                    option("sink.partitioner", "fixed"),
                    option("sink.partitioner.fields", "n", "sink.partitioner", "row-key"),
                    option(
                            "sink.partitioner.field-delimiter",
                            ";",
                            "sink.partitioner",
                            "row-key",
                            "sink.partitioner.fields",
                            "n"),
                    option("sink.empty-for-null", "true"),
                    option("key.format", "raw", "key.fields", "id"),
                    option("key.fields", "id", "key.format", "raw"),
                    option(
                            "key.fields-prefix",
                            "i",
                            "key.format",
                            "json",
                            "key.fields",
                            "id",
                            "value.fields-include",
                            "except-key"),
                    option(
                            "value.fields-include",
                            "except-key",
                            "key.format",
                            "raw",
                            "key.fields",
                            "id"),
                    option("value.format", "csv", "format", ""),
                    option("sink.order", "strict"),
                    option("sink.tag-records", "true"),
                    option("sink.delivery-guarantee", "none"),
                    option(
                            "sink.exactly-once.staging-directory",
                            "users/me/staging",
                            "sink.delivery-guarantee",
                            "exactly-once"),
                    option(
                            "sink.exactly-once.max-inline-size",
                            "7 mb",
                            "sink.delivery-guarantee",
                            "exactly-once"),
                    option(
                            "sink.exactly-once.landing-timeout",
                            "7 s",
                            "sink.delivery-guarantee",
                            "exactly-once"),
                    option(
                            "sink.exactly-once.takeover-delay",
                            "7 s",
                            "sink.delivery-guarantee",
                            "exactly-once"),
                    option("sink.on-invalid-record", "drop"),
                    option(
                            "sink.dead-letter.stream",
                            "users/me/letters",
                            "sink.on-invalid-record",
                            "dead-letter"),
                    option("sink.create-stream.shard-count", "7"),
                    option(
                            "sink.create-stream.retention",
                            "7 h",
                            "sink.create-stream.shard-count",
                            "7"),
                    option("sink.shard-discovery.interval", "7 s", "sink.partitioner", "fixed"),
                    option("sink.batch.max-size", "7"),
                    option("sink.flush-buffer.size", "7 mb"),
                    option("sink.flush-buffer.timeout", "7 s"),
                    option("sink.record.max-size", "7 kb"),
                    option("sink.requests.max-inflight", "7"),
                    option("sink.requests.max-buffered", "7777"),
                    option("sink.max-pending-bytes", "77 mb"),
                    option("sink.retry.max-retries", "7"),
                    option("sink.retry.max-elapsed", "7 s"),
                    option("sink.retry.initial-backoff", "7 ms"),
                    option("sink.retry.max-backoff", "7 s"),
                    option("sink.parallelism", "7"));

    private static Map.Entry<String, List<String>> option(String key, String... valueAndOthers) {
        return Map.entry(key, Arrays.asList(valueAndOthers));
    }

    private static Map<String, String> options(String... pairs) {
        Map<String, String> options = new HashMap<>();
        options.put("connector", "v3io");
        options.put("endpoint", "http://127.0.0.1:1");
        options.put("stream", "users/me/orders");
        options.put("format", "json");
        // There is no platform.
        options.put("planning-check", "false");
        for (int i = 0; i < pairs.length; i += 2) {
            options.put(pairs[i], pairs[i + 1]);
        }
        options.values().removeIf(String::isEmpty);
        return options;
    }

    // The constructor that takes its place is not there in all versions of Flink.
    @SuppressWarnings("deprecation")
    private static ResolvedCatalogTable table(Map<String, String> options) {
        ResolvedSchema schema =
                new ResolvedSchema(
                        List.of(
                                Column.physical("id", DataTypes.STRING().notNull()),
                                Column.physical("n", DataTypes.INT())),
                        List.of(),
                        null);
        return new ResolvedCatalogTable(
                CatalogTable.newBuilder()
                        .schema(Schema.newBuilder().fromResolvedSchema(schema).build())
                        .options(options)
                        .build(),
                schema);
    }

    private static ScanTableSource.ScanRuntimeProvider scan(
            Map<String, String> options, Map<String, String> enrichment) {
        ScanTableSource source =
                (ScanTableSource)
                        FactoryUtil.createDynamicTableSource(
                                null,
                                ObjectIdentifier.of("c", "d", "t"),
                                table(options),
                                enrichment,
                                new Configuration(),
                                CLASS_LOADER,
                                false);
        return ((ScanTableSource) source.copy())
                .getScanRuntimeProvider(ScanRuntimeProviderContext.INSTANCE);
    }

    private static SinkV2Provider sink(Map<String, String> options) {
        return (SinkV2Provider)
                FactoryUtil.createDynamicTableSink(
                                null,
                                ObjectIdentifier.of("c", "d", "t"),
                                table(options),
                                Map.of(),
                                new Configuration(),
                                CLASS_LOADER,
                                false)
                        .copy()
                        .getSinkRuntimeProvider(new SinkRuntimeProviderContext(false));
    }

    private static String built(ParallelismProvider provider) throws IOException {
        Object connector =
                provider instanceof SourceProvider scan
                        ? scan.createSource()
                        : ((SinkV2Provider) provider).createSink();
        Optional<Integer> parallelism = provider.getParallelism();
        String bytes =
                new String(InstantiationUtil.serializeObject((Serializable) connector), ISO_8859_1);
        // Each exactly-once sink that is built has a number of its own, which no option gives it.
        return parallelism + bytes.replaceFirst("(?s)(mostSigBitsxp).{16}", "$1");
    }

    private static String built(boolean isReading, String... pairs) throws IOException {
        return isReading
                ? built((ParallelismProvider) scan(options(pairs), Map.of()))
                : built(sink(options(pairs)));
    }

    @Test
    void everyOptionOfTheFactoryIsTestedHere() {
        V3ioTableFactory factory = new V3ioTableFactory();
        Set<String> keys = new HashSet<>();
        factory.requiredOptions().forEach(option -> keys.add(option.key()));
        factory.optionalOptions().forEach(option -> keys.add(option.key()));
        Set<String> tested = new HashSet<>(READING.keySet());
        tested.addAll(WRITING.keySet());
        tested.add("format");
        // It changes nothing; see PlanningCheckITCase.
        tested.add("planning-check");

        assertThat(tested).isEqualTo(keys);
    }

    @Test
    void everyOptionChangesTheSourceOrTheSink() throws IOException {
        assertThat(built(true)).isEqualTo(built(true));
        assertThat(built(false)).isEqualTo(built(false));
        for (boolean isReading : new boolean[] {true, false}) {
            Map<String, List<String>> all = isReading ? READING : WRITING;
            for (Map.Entry<String, List<String>> option : all.entrySet()) {
                List<String> rest = option.getValue();
                String[] others = rest.subList(1, rest.size()).toArray(new String[0]);
                String[] with = Arrays.copyOf(others, others.length + 2);
                with[others.length] = option.getKey();
                with[others.length + 1] = rest.get(0);

                String changed = built(isReading, with);

                // Without it, unless the others need it.
                String unchanged;
                try {
                    unchanged = built(isReading, others);
                } catch (RuntimeException e) {
                    assertThat(e).hasStackTraceContaining(option.getKey());
                    continue;
                }
                assertThat(changed).as(option.getKey()).isNotEqualTo(unchanged);
            }
        }
    }

    @Test
    void connectionOptionsHoldForTheSinkToo() throws IOException {
        for (String key : READING.keySet()) {
            List<String> rest = READING.get(key);
            if (key.startsWith("scan.") || key.startsWith("stream-") || rest.size() > 1) {
                continue;
            }
            assertThat(built(false, key, rest.get(0))).as(key).isNotEqualTo(built(false));
        }
    }

    @Test
    void whatIsMissingUnknownOrContradictsItselfIsRefused() {
        refused("stream", "stream", "");
        refused("format", "format", "");
        refused("Unsupported options", "scan.startup.moed", "latest");
        refused("scan.startup.mode", "scan.startup.mode", "yesterday");
        refused("not both", "stream-pattern", ".*", "stream-directory", "users/me");
        refused("stream-directory", "stream", "", "stream-pattern", ".*");
        refused(
                "not a regular expression",
                "stream",
                "",
                "stream-pattern",
                "(",
                "stream-directory",
                "users");
        refused(
                "Only one of the options",
                "secret.access-key",
                "k",
                "secret.access-key-file",
                "/k");
        refused("secret.password", "user", "me");
        refused("tls.trust-store", "tls.trust-store.password", "p");
        refused(
                "without verification",
                "tls.trust-store",
                "/t",
                "tls.insecure-skip-verification",
                "true");
        refused("timestamp-millis", "scan.startup.mode", "timestamp");
        refused("has an effect only with", "scan.startup.timestamp-millis", "5");
        refused(
                "Option 'scan.startup.timestamp-millis' = '1767225600'",
                "scan.startup.mode",
                "timestamp",
                "scan.startup.timestamp-millis",
                "1767225600");
        refused(
                "Option 'scan.bounded.timestamp-millis' = '1767225600000000'",
                "scan.bounded.mode",
                "timestamp",
                "scan.bounded.timestamp-millis",
                "1767225600000000");
        refused("has an effect only with", "scan.startup.fallback", "latest");
        refused("has an effect only with", "scan.bounded.timestamp-millis", "5");
        refused("has an effect only with", "scan.bounded.as-stream", "true");
        refused("has an effect only with", "scan.bounded.consumer-group", "g");
        refused("'scan.bounded.consumer-group'", "scan.bounded.mode", "committed");
        refused(
                "'scan.bounded.consumer-group' is required",
                "scan.bounded.mode",
                "committed",
                "scan.consumer-group",
                "g");
        refused(
                "commit for it, too",
                "scan.bounded.mode",
                "committed",
                "scan.bounded.consumer-group",
                "g",
                "scan.consumer-group",
                "g");
        refused("scan.consumer-group", "scan.startup.mode", "committed");
        refused("Option 'scan.consumer-group' = 'my-job': ", "scan.consumer-group", "my-job");
        refused(
                "'_g' may only have",
                "scan.startup.consumer-group",
                "_g",
                "scan.startup.mode",
                "committed");
        refused(
                "shard:0,sequence-number:42",
                "scan.startup.mode",
                "sequence-numbers",
                "scan.startup.sequence-numbers",
                "0:42");
        refused(
                "twice",
                "scan.startup.mode",
                "sequence-numbers",
                "scan.startup.sequence-numbers",
                "shard:0,sequence-number:42;shard:0,sequence-number:43");
        refused(
                "must name the stream",
                "stream",
                "users/a;users/b",
                "scan.startup.mode",
                "sequence-numbers",
                "scan.startup.sequence-numbers",
                "shard:0,sequence-number:42");
        refused("'scan.fetch.max-records' must be 1 or more", "scan.fetch.max-records", "0");
        refused("Option 'stream' = 'words': ", "stream", "words");
        refused("less than 2 gb", "client.max-response-size", "3 gb");
        refused(
                "must be set when configuring watermark alignment",
                "scan.watermark.alignment.group",
                "g");
        assertThatThrownBy(() -> sink(options("sink.create-stream.retention", "5 h")))
                .hasStackTraceContaining("sink.create-stream.shard-count");
        assertThatThrownBy(
                        () ->
                                sink(
                                        options(
                                                "sink.create-stream.shard-count",
                                                "1",
                                                "sink.create-stream.retention",
                                                "90 min")))
                .hasStackTraceContaining("whole hours");
        assertThatThrownBy(
                        () ->
                                sink(
                                        options(
                                                "sink.create-stream.shard-count",
                                                "1",
                                                "sink.create-stream.retention",
                                                "400 d")))
                .hasStackTraceContaining("must be whole hours, 1 h to 365 d, not 400 d.");
        assertThatThrownBy(() -> sink(options("sink.batch.max-size", "1001")))
                .hasStackTraceContaining("'sink.batch.max-size' must be 1 to 1000");
    }

    /** In the words of options: neither the names of setters nor Java's of values. */
    @Test
    void valuesOutOfRangeAreRefusedInTheWordsOfOptions() {
        Map<String, String> outOfRange =
                Map.ofEntries(
                        Map.entry("client.max-connections", "0"),
                        Map.entry("client.io-threads", "65"),
                        Map.entry("client.connect-timeout", "2 d"),
                        Map.entry("client.response-timeout", "0 s"),
                        Map.entry("client.max-response-size", "10 b"),
                        Map.entry("client.proxy", "nowhere:99999"),
                        Map.entry("endpoint", "ftp://v3io"),
                        Map.entry("stream", "users/../x"),
                        Map.entry("scan.consumer-group", "_g"),
                        Map.entry("scan.shard-discovery.interval", "-1 s"),
                        Map.entry("scan.fetch.max-records", "0"),
                        Map.entry("scan.fetch.buffer-size", "0 b"),
                        Map.entry("scan.fetch.read-ahead", "0"),
                        Map.entry("scan.idle-pause.min", "0 ms"),
                        Map.entry("scan.idle-pause.max", "1 ms"),
                        Map.entry("scan.backlog.threshold", "0 s"),
                        Map.entry("scan.rate-limit.records-per-second", "0"),
                        Map.entry("scan.rate-limit.bytes-per-second", "0 b"),
                        Map.entry("scan.retry.max-retries", "-1"),
                        Map.entry("scan.retry.max-elapsed", "400 d"),
                        Map.entry("scan.retry.initial-backoff", "0 s"),
                        Map.entry("scan.retry.max-backoff", "1 ms"),
                        Map.entry("sink.retry.max-retries", "-1"),
                        Map.entry("sink.retry.max-elapsed", "400 d"),
                        Map.entry("sink.retry.initial-backoff", "0 s"),
                        Map.entry("sink.retry.max-backoff", "1 ms"),
                        Map.entry("sink.create-stream.shard-count", "5000"),
                        Map.entry("sink.batch.max-size", "5000"),
                        Map.entry("sink.flush-buffer.size", "1 gb"),
                        Map.entry("sink.flush-buffer.timeout", "5 h"),
                        Map.entry("sink.record.max-size", "3 mb"),
                        Map.entry("sink.requests.max-inflight", "100"),
                        Map.entry("sink.requests.max-buffered", "7"),
                        Map.entry("sink.max-pending-bytes", "1 mb"));
        outOfRange.forEach(
                (option, value) ->
                        assertThat(lastMessage(option, value))
                                .contains("'" + option + "'")
                                .contains(value.split(" ", -1)[0])
                                .doesNotContain("PT", "configureClient")
                                // A setter, or a name like one.
                                .doesNotContainPattern("\\b[a-z]+[A-Z]\\w*"));
        assertThat(lastMessage("sink.flush-buffer.size", "1 gb"))
                .isEqualTo("'sink.flush-buffer.size' must be 2 kb to 10 mb, not 1 gb.");
        assertThat(lastMessage("sink.dead-letter.stream", "users/me/letters"))
                .isEqualTo(
                        "'sink.dead-letter.stream' needs 'sink.on-invalid-record' with"
                                + " 'dead-letter'.");
        assertThat(lastMessage("sink.partitioner", OfThisMachine.class.getName()))
                .startsWith(
                        "'sink.partitioner' was given a "
                                + OfThisMachine.class.getName()
                                + " that cannot be serialized");
        assertThat(lastMessage("sink.requests.max-inflight", "100"))
                .isEqualTo(
                        "'sink.requests.max-inflight' 100 must not be more than the client's"
                                + " 'client.max-connections' 64.");
    }

    /** Cannot be sent to a task manager. */
    @SuppressWarnings("serial")
    public static final class OfThisMachine implements PartitionKeySelector<RowData> {
        private final Thread thread = Thread.currentThread();

        @Override
        public String partitionKey(RowData row) {
            return thread.getName();
        }
    }

    /** SQL clients print the last exception of a chain; Flink's names no option. */
    @Test
    void valuesThatCannotBeReadAreNamedWithTheirOption() {
        assertThat(lastMessage("scan.startup.mode", "yesterday"))
                .isEqualTo(
                        "Option 'scan.startup.mode' cannot be 'yesterday'. Expected one of: earliest, latest, timestamp,"
                                + " sequence-numbers, committed.");
        assertThat(lastMessage("sink.on-invalid-record", "ignore"))
                .isEqualTo(
                        "Option 'sink.on-invalid-record' cannot be 'ignore'. Expected one of: fail, drop, dead-letter.");
        assertThat(lastMessage("sink.order", "true"))
                .isEqualTo(
                        "Option 'sink.order' cannot be 'true'. Expected one of: none, relaxed, strict.");
        for (String option :
                List.of(
                        "sink.empty-for-null",
                        "json.ignore-parse-errors",
                        "planning-check",
                        "scan.startup.timestamp-millis",
                        "scan.watermark.idle-timeout",
                        "sink.batch.max-size",
                        "sink.flush-buffer.size",
                        "sink.flush-buffer.timeout")) {
            assertThat(lastMessage(option, "maybe"))
                    .startsWith("Option '" + option + "' cannot be 'maybe'. ");
        }
        assertThat(lastMessage("format", "jsn")).contains("'jsn'").contains("json", "raw", "csv");
    }

    /** What an enum's value is called in a message must be what is accepted. */
    @Test
    void valuesThatAMessageOffersAreAccepted() {
        Set<String> options = new HashSet<>(READING.keySet());
        options.addAll(WRITING.keySet());
        int offers = 0;
        for (String option : options) {
            Matcher offer =
                    Pattern.compile("Expected one of: (.*)\\.")
                            .matcher(lastMessage(option, "nonsense"));
            while (offer.find()) {
                offers++;
                for (String value : offer.group(1).split(", ", -1)) {
                    assertThat(lastMessage(option, value))
                            .as("%s = %s", option, value)
                            .doesNotContain("cannot be");
                }
            }
        }
        assertThat(offers).isEqualTo(12);
    }

    /** What the last exception of a chain says; empty if the value is accepted. */
    private static String lastMessage(String option, String value) {
        boolean isWriting = option.startsWith("sink.");
        try {
            if (isWriting) {
                sink(options(option, value));
            } else {
                scan(options(option, value), Map.of());
            }
        } catch (RuntimeException e) {
            Throwable last = e;
            while (last.getCause() != null) {
                last = last.getCause();
            }
            assertThat(last).isInstanceOf(org.apache.flink.table.api.ValidationException.class);
            return last.getMessage();
        }
        return "";
    }

    private static void refused(String message, String... pairs) {
        assertThatThrownBy(() -> scan(options(pairs), Map.of()))
                .as(message)
                .isInstanceOf(org.apache.flink.table.api.ValidationException.class)
                .hasStackTraceContaining(message);
    }

    @Test
    void aRefusalDoesNotShowWhatIsSecret() {
        assertThatThrownBy(
                        () ->
                                scan(
                                        options(
                                                "secret.access-key",
                                                "canary-1",
                                                "secret.password",
                                                "canary-2",
                                                "tls.trust-store.password",
                                                "canary-3"),
                                        Map.of()))
                .satisfies(
                        refusal -> {
                            for (Throwable t = refusal; t != null; t = t.getCause()) {
                                assertThat(t.toString()).doesNotContain("canary");
                            }
                        });
    }

    /** What the table options of a compiled plan are merged with. */
    @Test
    void onlyOptionsThatDoNotChangeThePlanAreForwarded() throws IOException {
        V3ioTableFactory factory = new V3ioTableFactory();
        Set<String> forwarded = new HashSet<>();
        factory.forwardOptions().forEach(option -> forwarded.add(option.key()));
        Set<String> kept = new HashSet<>();
        for (ConfigOption<?> option : factory.optionalOptions()) {
            if (!forwarded.contains(option.key())) {
                kept.add(option.key());
            }
        }

        assertThat(kept)
                .containsExactlyInAnyOrder(
                        "format",
                        "value.format",
                        "value.fields-include",
                        "key.format",
                        "key.fields",
                        "key.fields-prefix",
                        "scan.bounded.mode",
                        "scan.bounded.timestamp-millis",
                        "scan.bounded.sequence-numbers",
                        "scan.bounded.consumer-group",
                        "scan.bounded.as-stream",
                        "scan.parallelism",
                        "sink.parallelism");
        assertThat(
                        built(
                                (ParallelismProvider)
                                        scan(options(), options("endpoint", "http://new:1"))))
                .isEqualTo(built(true, "endpoint", "http://new:1"));
        assertThat(
                        built(
                                (ParallelismProvider)
                                        scan(options(), options("scan.bounded.mode", "latest"))))
                .isEqualTo(built(true));
    }

    @Test
    void theSourceIsBoundedWhenTheScanEndsAsABoundedOne() {
        Source<RowData, ?, ?> bounded =
                ((SourceProvider) scan(options("scan.bounded.mode", "latest"), Map.of()))
                        .createSource();
        Source<RowData, ?, ?> asStream =
                ((SourceProvider)
                                scan(
                                        options(
                                                "scan.bounded.mode",
                                                "latest",
                                                "scan.bounded.as-stream",
                                                "true"),
                                        Map.of()))
                        .createSource();

        assertThat(bounded.getBoundedness()).isEqualTo(Boundedness.BOUNDED);
        assertThat(asStream.getBoundedness()).isEqualTo(Boundedness.CONTINUOUS_UNBOUNDED);
    }
}
