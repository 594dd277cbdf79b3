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

package io.v3io.emulator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Speaks plain HTTP to an emulator, as any client in any language would; knows nothing of the
 * emulator's insides.
 */
final class RawClient {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String endpoint;

    RawClient(String endpoint) {
        this.endpoint = endpoint;
    }

    /** An answer with its body as text, and as JSON where it is JSON. */
    record Reply(int status, String body, HttpResponse<?> raw) {
        JsonNode json() {
            try {
                return MAPPER.readTree(body);
            } catch (IOException e) {
                throw new AssertionError("not JSON: " + body, e);
            }
        }

        String header(String name) {
            return raw.headers().firstValue(name).orElse(null);
        }

        /** The symbolic name of an error. */
        String error() {
            return json().path("ErrorMessage").asText();
        }

        int code() {
            return json().path("ErrorCode").asInt();
        }
    }

    Reply function(String function, String path, String json)
            throws IOException, InterruptedException {
        return send(request("PUT", path, json, "X-v3io-function", function));
    }

    Reply get(String path, String... headers) throws IOException, InterruptedException {
        return send(request("GET", path, null, headers));
    }

    Reply method(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        return send(request(method, path, body, headers));
    }

    HttpRequest request(String method, String path, String body, String... headers) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create(endpoint + path))
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            builder.headers(headers);
        }
        return builder.build();
    }

    Reply send(HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(request, HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
        return new Reply(response.statusCode(), response.body(), response);
    }

    void createStream(String path, int shards) throws IOException, InterruptedException {
        Reply reply = function("CreateStream", path + "/", "{\"ShardCount\":" + shards + "}");
        if (reply.status() != 204) {
            throw new AssertionError("CreateStream answered " + reply);
        }
    }

    /** Puts records with these texts into one shard. */
    Reply put(String path, int shardId, String... texts) throws IOException, InterruptedException {
        StringBuilder records = new StringBuilder();
        for (String text : texts) {
            records.append(records.isEmpty() ? "" : ",")
                    .append("{\"Data\":\"")
                    .append(base64(text))
                    .append("\",\"ShardId\":")
                    .append(shardId)
                    .append('}');
        }
        return function("PutRecords", path + "/", "{\"Records\":[" + records + "]}");
    }

    String seek(String shardPath, String type) throws IOException, InterruptedException {
        Reply reply = function("Seek", shardPath, "{\"Type\":\"" + type + "\"}");
        if (reply.status() != 200) {
            throw new AssertionError("Seek answered " + reply);
        }
        return reply.json().get("Location").asText();
    }

    Reply read(String shardPath, String location, int limit)
            throws IOException, InterruptedException {
        return function(
                "GetRecords",
                shardPath,
                "{\"Location\":\"" + location + "\",\"Limit\":" + limit + "}");
    }

    static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    static String text(JsonNode record) {
        return new String(
                Base64.getDecoder().decode(record.get("Data").asText()), StandardCharsets.UTF_8);
    }
}
