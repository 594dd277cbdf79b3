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

import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.table.api.bridge.java.StreamTableEnvironment;
import org.apache.flink.util.ExceptionUtils;
import org.apache.flink.util.InstantiationUtil;

import org.awaitility.Awaitility;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * A session cluster in a process of its own, with jobs that use an access key, and everything that
 * they show to anybody, as files in a directory. What is logged goes to the standard output.
 */
final class CanaryJob {

    private static final Pattern HEX_ID =
            Pattern.compile("\"id\":\"([0-9a-f]{32}(?:_[0-9a-f]+)?)\"");

    private static final Pattern TASK_STATE = Pattern.compile("\"status\":\"([A-Z]+)\"");

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path directory;
    private final String endpoint;
    private final String secretOption;
    private final URI rest;

    private CanaryJob(Path directory, String endpoint, String secretOption, URI rest) {
        this.directory = directory;
        this.endpoint = endpoint;
        this.secretOption = secretOption;
        this.rest = rest;
    }

    /**
     * Runs them.
     *
     * @param args directory for the files, the emulator's endpoint, and the option that gives the
     *     key, as in a CREATE TABLE with a comma before it; empty for the environment
     */
    public static void main(String[] args) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(RestOptions.BIND_PORT, "0");
        MiniClusterConfiguration cluster =
                new MiniClusterConfiguration.Builder()
                        .setConfiguration(configuration)
                        .setNumTaskManagers(1)
                        .setNumSlotsPerTaskManager(4)
                        .build();
        try (MiniCluster miniCluster = new MiniCluster(cluster)) {
            miniCluster.start();
            new CanaryJob(Path.of(args[0]), args[1], args[2], miniCluster.getRestAddress().get())
                    .run();
        }
    }

    private StreamTableEnvironment tables() {
        Configuration configuration = new Configuration();
        configuration.set(
                DeploymentOptions.JOB_STATUS_CHANGED_LISTENERS,
                List.of(LineageRecorder.class.getName()));
        configuration.setString(LineageRecorder.FILE, directory.resolve("lineage.txt").toString());
        return StreamTableEnvironment.create(
                StreamExecutionEnvironment.createRemoteEnvironment(
                        rest.getHost(), rest.getPort(), configuration));
    }

    private void createTable(StreamTableEnvironment tables, String name, String stream) {
        tables.executeSql(
                "CREATE TABLE "
                        + name
                        + " (a INT, arrival TIMESTAMP_LTZ(3) METADATA FROM 'arrival-time' VIRTUAL,"
                        + " WATERMARK FOR arrival AS arrival) WITH ('connector' = 'v3io', 'format'"
                        + " = 'json', 'endpoint' = '"
                        + endpoint
                        + "', 'stream' = '"
                        + stream
                        + "'"
                        + secretOption
                        + ")");
    }

    private void run() throws Exception {
        StreamTableEnvironment tables = tables();
        createTable(tables, "numbers", "users/me/numbers");
        createTable(tables, "copies", "users/me/copies");
        createTable(tables, "nothing", "users/me/nothing");
        String insert = "INSERT INTO copies SELECT a FROM numbers WHERE a > 0";
        write("explain.txt", tables.explainSql(insert));
        // One that ends, to see that the key is taken.
        tables.executeSql(
                        insert.replace(
                                "numbers",
                                "numbers /*+ OPTIONS('scan.bounded.mode' = 'latest') */"))
                .await();
        JobClient running = tables.executeSql(insert).getJobClient().orElseThrow();
        Awaitility.await()
                .atMost(Duration.ofMinutes(1))
                .until(() -> isRunning(get("/jobs/" + running.getJobID())));
        crawl(running.getJobID());
        String missing = "INSERT INTO copies SELECT a FROM nothing";
        write("refusal.txt", refusal(tables, missing));
        write(
                "failure.txt",
                failure(tables, missing + " /*+ OPTIONS('planning-check' = 'false') */"));
        running.cancel().get();
        crawlAll("/jobs/overview", "/jobmanager/config", "/jobmanager/environment", "/config");
        graph();
    }

    /** Whether all tasks of a job are running. */
    private static boolean isRunning(String job) {
        List<String> states =
                TASK_STATE.matcher(job).results().map(state -> state.group(1)).toList();
        return !states.isEmpty() && states.stream().allMatch("RUNNING"::equals);
    }

    private static String refusal(StreamTableEnvironment tables, String insert) {
        StringBuilder text = new StringBuilder();
        assertThatThrownBy(() -> tables.executeSql(insert))
                .hasStackTraceContaining("does not exist")
                .satisfies(error -> text.append(ExceptionUtils.stringifyException(error)));
        return text.toString();
    }

    private String failure(StreamTableEnvironment tables, String insert) throws Exception {
        JobClient failing = tables.executeSql(insert).getJobClient().orElseThrow();
        StringBuilder text = new StringBuilder();
        assertThatThrownBy(() -> failing.getJobExecutionResult().get())
                .isInstanceOf(ExecutionException.class)
                .satisfies(error -> text.append(ExceptionUtils.stringifyException(error)));
        crawl(failing.getJobID());
        return text.toString();
    }

    private void graph() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        StreamTableEnvironment local = StreamTableEnvironment.create(env);
        createTable(local, "numbers", "users/me/numbers");
        local.toDataStream(local.sqlQuery("SELECT a FROM numbers")).print();
        write("plan.json", env.getExecutionPlan());
        Files.write(
                directory.resolve("job-graph.bin"),
                InstantiationUtil.serializeObject(env.getStreamGraph(false).getJobGraph()));
    }

    private void crawl(JobID job) throws Exception {
        String path = "/jobs/" + job;
        crawlAll(
                path,
                path + "/plan",
                path + "/config",
                path + "/exceptions",
                path + "/metrics",
                path + "/checkpoints",
                path + "/jobmanager/config",
                "/jobmanager/metrics",
                "/taskmanagers");
        Deque<String> vertices = new ArrayDeque<>();
        Matcher ids = HEX_ID.matcher(get(path));
        Set<String> seen = new HashSet<>();
        while (ids.find()) {
            if (seen.add(ids.group(1))) {
                vertices.add(ids.group(1));
            }
        }
        for (String vertex : vertices) {
            crawlAll(
                    path + "/vertices/" + vertex,
                    path + "/vertices/" + vertex + "/metrics",
                    path + "/vertices/" + vertex + "/subtasks/metrics",
                    path + "/vertices/" + vertex + "/accumulators");
        }
    }

    private void crawlAll(String... paths) throws Exception {
        for (String path : paths) {
            write("rest" + path.replace('/', '-') + ".json", get(path));
        }
    }

    private String get(String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(rest.resolve(path)).build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private void write(String file, String text) throws Exception {
        Files.writeString(directory.resolve(file), text);
    }
}
