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

package io.v3io.flink.e2e.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.awaitility.Awaitility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Flink's SQL gateway as a process, with nothing but the jars of the distribution, and one session
 * of it over REST. Not for use by several threads.
 */
public final class SqlGateway implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration POLL = Duration.ofMillis(50);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ChildProcess process;
    private final int port;
    private final HttpClient http = HttpClient.newHttpClient();
    private String session;

    private SqlGateway(ChildProcess process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts one and opens a session.
     *
     * @param cluster where it submits its jobs
     */
    public static SqlGateway start(FlinkCluster cluster) {
        int port = Ports.lease();
        Path directory = Directories.createEmpty(cluster.directory().resolve("sql-gateway"));
        Map<String, String> options = new TreeMap<>(cluster.options());
        options.put("execution.target", "remote");
        try {
            Files.writeString(directory.resolve("config.yaml"), FlinkConfiguration.yaml(options));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> environment = new TreeMap<>(cluster.environment());
        environment.put("FLINK_CONF_DIR", directory.toString());
        List<String> arguments = new ArrayList<>(FlinkProcesses.flags());
        arguments.addAll(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        arguments.addAll(cluster.processes().logging("sql-gateway"));
        arguments.addAll(List.of("-cp", cluster.home().sqlClientClassPath()));
        arguments.add("org.apache.flink.table.gateway.SqlGateway");
        arguments.add("-Dsql-gateway.endpoint.rest.address=" + FlinkConfiguration.LOOPBACK);
        arguments.add("-Dsql-gateway.endpoint.rest.port=" + port);
        SqlGateway gateway =
                new SqlGateway(
                        ChildProcess.start("sql-gateway", cluster.logs(), arguments, environment),
                        port);
        try {
            gateway.openSession();
            return gateway;
        } catch (RuntimeException | Error e) {
            gateway.close();
            throw e;
        }
    }

    private void openSession() {
        Awaitility.await("the gateway opens a session")
                .atMost(START)
                .pollInterval(POLL)
                .failFast("the gateway has ended", process::requireAlive)
                .until(
                        () -> {
                            try {
                                session = post("/v1/sessions", "{}").path("sessionHandle").asText();
                                return true;
                            } catch (UncheckedIOException e) {
                                // It is not listening yet.
                                return false;
                            }
                        });
    }

    /**
     * Runs a statement to its end.
     *
     * @return empty if it worked; else what the gateway has answered, which is a stack trace
     * @throws org.awaitility.core.ConditionTimeoutException if it takes longer
     */
    public String failureOf(String statement, Duration atMost) {
        String path = "/v1/sessions/" + session + "/";
        String operation =
                post(
                                path + "statements",
                                JSON.createObjectNode().put("statement", statement).toString())
                        .path("operationHandle")
                        .asText();
        String result = path + "operations/" + operation + "/result/";
        String[] next = {result + "0"};
        StringBuilder failure = new StringBuilder();
        Awaitility.await(statement)
                .atMost(atMost)
                .pollInterval(POLL)
                .failFast("the gateway has ended", process::requireAlive)
                .until(
                        () -> {
                            JsonNode answer = send(request(next[0]).GET());
                            answer.path("errors").forEach(part -> failure.append(part.asText()));
                            if (!failure.isEmpty()
                                    || answer.path("resultType").asText().equals("EOS")) {
                                return true;
                            }
                            next[0] = answer.path("nextResultUri").asText(next[0]);
                            return false;
                        });
        return failure.toString();
    }

    private JsonNode post(String path, String body) {
        return send(request(path).POST(BodyPublishers.ofString(body)));
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://" + FlinkConfiguration.LOOPBACK + ":" + port + path))
                .header("Content-Type", "application/json")
                .timeout(START);
    }

    /** The answer, of whatever status. */
    private JsonNode send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
            return JSON.readTree(answer.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.close();
        Ports.release(port);
    }
}
