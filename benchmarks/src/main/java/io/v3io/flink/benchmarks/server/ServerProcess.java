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

package io.v3io.flink.benchmarks.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** A {@link CannedServer} in a process of its own, so that its CPU time is not ours. */
public final class ServerProcess implements AutoCloseable {

    private static final long END_SECONDS = 10;

    private final Process process;
    private final String endpoint;
    private final HttpClient http = HttpClient.newHttpClient();

    private ServerProcess(Process process, String endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /**
     * What a server has done since it was started.
     *
     * @param putRequests number of PutRecords requests by their number of records
     */
    public record Statistics(long cpuNanos, SortedMap<Integer, Long> putRequests) {

        public long records() {
            return putRequests.entrySet().stream()
                    .mapToLong(size -> size.getKey() * size.getValue())
                    .sum();
        }

        /** What was done since then. */
        public Statistics since(Statistics before) {
            SortedMap<Integer, Long> requests = new TreeMap<>();
            putRequests.forEach(
                    (records, count) -> {
                        long added = count - before.putRequests.getOrDefault(records, 0L);
                        if (added > 0) {
                            requests.put(records, added);
                        }
                    });
            return new Statistics(cpuNanos - before.cpuNanos, requests);
        }
    }

    public static ServerProcess start(ServerSettings settings) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        // Its few objects die at once; nothing is to be collected by many threads.
        command.addAll(List.of("-XX:+UseSerialGC", "-Xmx512m", "-XX:MaxDirectMemorySize=4g"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add(CannedServer.class.getName());
        command.addAll(settings.toArguments());
        Process process =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        BufferedReader output =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        // An agent that came with the environment may have said something before.
        String line = output.readLine();
        while (line != null && !line.startsWith(CannedServer.READY)) {
            line = output.readLine();
        }
        if (line == null) {
            throw new IOException("The server process has ended before it was ready.");
        }
        return new ServerProcess(process, line.substring(CannedServer.READY.length()));
    }

    public String endpoint() {
        return endpoint;
    }

    public int port() {
        return URI.create(endpoint).getPort();
    }

    public Statistics statistics() throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(endpoint + "/"))
                        .header("X-v3io-function", "Statistics")
                        .GET()
                        .build();
        String text = http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        SortedMap<Integer, Long> requests = new TreeMap<>();
        long cpuNanos = 0;
        for (String line : text.lines().toList()) {
            int space = line.indexOf(' ');
            long value = Long.parseLong(line, space + 1, line.length(), 10);
            if (line.startsWith("cpu")) {
                cpuNanos = value;
            } else {
                requests.put(Integer.parseInt(line, 0, space, 10), value);
            }
        }
        return new Statistics(cpuNanos, requests);
    }

    @Override
    public void close() throws IOException {
        process.getOutputStream().close();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
