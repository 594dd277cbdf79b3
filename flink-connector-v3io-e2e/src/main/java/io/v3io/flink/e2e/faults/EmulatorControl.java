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

package io.v3io.flink.e2e.faults;

import io.v3io.client.model.StreamPath;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** What an emulator in another process can be told beside the web API. */
public final class EmulatorControl {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final String endpoint;
    private final String accessKey;

    public EmulatorControl(String endpoint, String accessKey) {
        this.endpoint = endpoint;
        this.accessKey = accessKey;
    }

    /** Replaces all faults; each is a JSON object. */
    public void setFaults(long seed, String... faults) throws IOException, InterruptedException {
        send(
                "PUT",
                "faults",
                "{\"seed\": %d, \"faults\": [%s]}".formatted(seed, String.join(", ", faults)));
    }

    /**
     * Has the emulator play the platform that it draws from this seed.
     *
     * @param copies whether it may be one that stores records twice by itself
     * @return all settings of the platform, as JSON
     */
    String drawDialect(long seed, boolean copies) throws IOException, InterruptedException {
        String dialect = "random:" + seed + (copies ? "" : ",duplicates=none");
        return send("PUT", "dialect", "{\"dialect\": \"" + dialect + "\"}");
    }

    /** Has the emulator play the likeliest platform. */
    void playDefaultDialect() throws IOException, InterruptedException {
        send("PUT", "dialect", "{}");
    }

    /** Ends all faults. */
    public void clearFaults() throws IOException, InterruptedException {
        send("DELETE", "faults", "");
    }

    /** Removes the oldest records of a shard, as retention does. */
    public void trim(StreamPath stream, int shard, long firstRemaining)
            throws IOException, InterruptedException {
        send(
                "POST",
                "trim",
                "{\"stream\": \"%s\", \"shardId\": %d, \"firstRemainingSequenceNumber\": %d}"
                        .formatted(stream, shard, firstRemaining));
    }

    /** Kills all locations of a stream that were handed out so far. */
    public void expireLocations(StreamPath stream) throws IOException, InterruptedException {
        send("POST", "expire", "{\"stream\": \"%s\"}".formatted(stream));
    }

    private String send(String method, String path, String body)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(endpoint + "/_emulator/" + path))
                        .timeout(TIMEOUT)
                        .header("X-v3io-session-key", accessKey)
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build();
        HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 300) {
            throw new IOException(
                    method
                            + " "
                            + path
                            + " was answered with "
                            + response.statusCode()
                            + ": "
                            + response.body());
        }
        return response.body();
    }
}
