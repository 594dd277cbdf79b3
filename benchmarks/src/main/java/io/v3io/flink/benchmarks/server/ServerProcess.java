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

import io.v3io.flink.benchmarks.measure.JavaProcess;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** A {@link BenchServer} in a process of its own, so that its CPU time is not ours. */
public final class ServerProcess implements AutoCloseable {

    private final JavaProcess process;
    private final String endpoint;
    private final HttpClient http = HttpClient.newHttpClient();

    private ServerProcess(JavaProcess process, String endpoint) {
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

    public static ServerProcess start(ServerSettings settings)
            throws IOException, InterruptedException {
        JavaProcess process =
                JavaProcess.start(
                        // Its few objects die at once; nothing is to be collected by many threads.
                        // What clients store is outside of the heap, and has its own bound.
                        List.of("-XX:+UseSerialGC", "-Xmx512m", "-XX:MaxDirectMemorySize=1t"),
                        BenchServer.class,
                        settings.toArguments());
        return new ServerProcess(process, process.awaitLine(BenchServer.READY));
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
    public void close() throws InterruptedException {
        process.close();
    }
}
