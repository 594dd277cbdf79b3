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

package io.v3io.flink.e2e.docs;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.e2e.cluster.Ports;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.metrics.prometheus.PrometheusReporterFactory;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The alerts and the dashboard in docs/monitoring ask for metrics that a job has. */
class MonitoringITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final Path MONITORING = Path.of("..", "docs", "monitoring");
    private static final Path ALERTS = MONITORING.resolve("v3io-alerts.yml");
    private static final Path DASHBOARD = MONITORING.resolve("v3io-dashboard.json");

    private static final String ACCESS_KEY = "key of the monitored job";

    private static final Pattern METRIC = Pattern.compile("\\bflink_\\w+");
    private static final Pattern SERIES = Pattern.compile("(?m)^(flink_\\w+)\\{");

    @Test
    void aJobHasTheMetricsThatAlertsAndDashboardAskFor() throws Exception {
        Set<String> asked = new TreeSet<>(namesIn(METRIC, Files.readString(ALERTS)));
        asked.addAll(namesIn(METRIC, Files.readString(DASHBOARD)));
        assertThat(asked).hasSizeGreaterThan(20);

        int port = Ports.lease();
        try (EmulatedStreams streams = PLATFORM.start()) {
            V3ioClient client = streams.client();
            StreamPath from = StreamPath.parse("users/monitored/from");
            StreamPath to = StreamPath.parse("users/monitored/to");
            client.createStream(from, 2, 24).join();
            client.createStream(to, 2, 24).join();
            client.putRecords(from, List.of(PutRecord.of("one".getBytes(UTF_8)))).join();
            JobClient job = copy(streams.endpoint(), from, to, port).executeAsync("monitored");
            // Asked for now, because the cluster ends with its job and then knows nothing of it.
            CompletableFuture<JobExecutionResult> end = job.getJobExecutionResult();
            try {
                await("all metrics are reported")
                        .atMost(Duration.ofSeconds(60))
                        .untilAsserted(() -> assertThat(scrape(port)).containsAll(asked));
            } finally {
                job.cancel().get(30, TimeUnit.SECONDS);
                assertThat(end).failsWithin(Duration.ofSeconds(30));
            }
        } finally {
            Ports.release(port);
        }
    }

    @Test
    void theAlertsFireWhenTheyShould() throws Exception {
        Path directory = MONITORING.toAbsolutePath().normalize();
        assertThat(promtool(directory, "check", "rules", "v3io-alerts.yml")).contains("SUCCESS");
        assertThat(promtool(directory, "test", "rules", "v3io-alerts-test.yml"))
                .contains("SUCCESS");
    }

    @Test
    void prometheusUnderstandsTheQueriesOfTheDashboard(@TempDir Path directory) throws Exception {
        StringBuilder rules = new StringBuilder("groups:\n- name: dashboard\n  rules:\n");
        int queries = 0;
        for (JsonNode panel : new ObjectMapper().readTree(DASHBOARD.toFile()).path("panels")) {
            for (JsonNode target : panel.path("targets")) {
                String query = target.path("expr").asText().replace("$__rate_interval", "5m");
                rules.append("  - record: q:").append(queries++).append("\n    expr: '");
                rules.append(query.replace("'", "''")).append("'\n");
            }
        }
        assertThat(queries).isGreaterThan(20);
        Files.writeString(directory.resolve("dashboard.yml"), rules);

        assertThat(promtool(directory, "check", "rules", "dashboard.yml"))
                .contains("SUCCESS: " + queries + " rules found");
    }

    /** A job with a source that has a group, an at-least-once and an exactly-once sink. */
    private static StreamExecutionEnvironment copy(
            String endpoint, StreamPath from, StreamPath to, int port) {
        Configuration configuration = new Configuration();
        configuration.setString(
                "metrics.reporter.prom.factory.class", PrometheusReporterFactory.class.getName());
        configuration.setString("metrics.reporter.prom.port", String.valueOf(port));
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(1, configuration);
        environment.enableCheckpointing(200);
        DataStream<String> records =
                environment.fromSource(
                        V3ioSource.<String>builder()
                                .setEndpoint(endpoint)
                                .setAccessKey(ACCESS_KEY)
                                .setStream(from.toString())
                                .setConsumerGroup("monitored")
                                .setStartingPosition(StartingPosition.earliest())
                                .setDeserializer(new SimpleStringSchema())
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "v3io");
        for (DeliveryGuarantee guarantee :
                List.of(DeliveryGuarantee.AT_LEAST_ONCE, DeliveryGuarantee.EXACTLY_ONCE)) {
            records.sinkTo(
                            V3ioSink.<String>builder()
                                    .setEndpoint(endpoint)
                                    .setAccessKey(ACCESS_KEY)
                                    .setStream(to.toString())
                                    .setSerializationSchema(new SimpleStringSchema())
                                    .setDeliveryGuarantee(guarantee)
                                    .build())
                    .name(guarantee.toString());
        }
        return environment;
    }

    private static Set<String> scrape(int port) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/metrics"))
                        .timeout(Duration.ofSeconds(10))
                        .build();
        return namesIn(
                SERIES, HttpClient.newHttpClient().send(request, BodyHandlers.ofString()).body());
    }

    private static Set<String> namesIn(Pattern pattern, String text) {
        Set<String> names = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            names.add(matcher.groupCount() == 0 ? matcher.group() : matcher.group(1));
        }
        return names;
    }

    /** What promtool prints; it must succeed. */
    private static String promtool(Path directory, String... arguments) throws Exception {
        if (!isThere()) {
            String message = "no promtool here: install Debian's prometheus";
            assertThat(System.getenv("CI")).as(message).isNull();
            Assumptions.abort(message);
        }
        List<String> command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private static boolean isThere() {
        for (String directory : System.getenv("PATH").split(File.pathSeparator, -1)) {
            if (Files.isExecutable(Path.of(directory, "promtool"))) {
                return true;
            }
        }
        return false;
    }
}
