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

package io.v3io.client.http;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;

/** A server may send back the key that it was sent, in any writing and anywhere in its words. */
class SecretEchoTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");

    /** With what the escapes of URLs, JSON and HTML change. */
    private static final String KEY = "k3y-\"7f/2b+9\\c<d>&e'%a=4?0~x5c1f9d3";

    private volatile CannedServer.Handler handler;
    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
        client =
                Clients.builder(server.endpoint())
                        .setAccessKey(KEY)
                        .setRetryPolicy(Clients.quickRetries(1))
                        .build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    private static Map<String, String> writings(String key) {
        byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
        Map<String, String> writings = new LinkedHashMap<>();
        writings.put("plain", key);
        writings.put("upper case", key.toUpperCase(java.util.Locale.ROOT));
        writings.put("URL", URLEncoder.encode(key, StandardCharsets.UTF_8));
        StringBuilder all = new StringBuilder();
        StringBuilder json = new StringBuilder();
        StringBuilder html = new StringBuilder();
        for (byte b : bytes) {
            all.append(String.format("%%%02x", b));
            json.append(String.format("\\u%04x", (int) b));
            html.append("&#").append((int) b).append(';');
        }
        writings.put("URL, every character", all.toString());
        writings.put("URL in a URL", URLEncoder.encode(all.toString(), StandardCharsets.UTF_8));
        writings.put("JSON, every character", json.toString());
        writings.put("JSON", key.replace("\\", "\\\\").replace("\"", "\\\"").replace("/", "\\/"));
        writings.put("HTML, every character", html.toString());
        writings.put("HTML in HTML", html.toString().replace("&", "&amp;"));
        writings.put(
                "HTML",
                key.replace("&", "&amp;")
                        .replace("<", "&lt;")
                        .replace(">", "&gt;")
                        .replace("\"", "&quot;")
                        .replace("'", "&#x27;"));
        writings.put("hexadecimal", HexFormat.of().formatHex(bytes));
        for (String before : List.of("", "x", "xy", "X-v3io-session-key: ")) {
            byte[] all3 = (before + key + " and more").getBytes(StandardCharsets.UTF_8);
            writings.put("base64 after '" + before + "'", Base64.getEncoder().encodeToString(all3));
            writings.put(
                    "base64 of URLs after '" + before + "'",
                    Base64.getUrlEncoder().encodeToString(all3));
            writings.put(
                    "base64 in a URL after '" + before + "'",
                    URLEncoder.encode(
                            Base64.getEncoder().encodeToString(all3), StandardCharsets.UTF_8));
            writings.put(
                    "base64 of mails after '" + before + "'",
                    Base64.getMimeEncoder(20, new byte[] {'\r', '\n'}).encodeToString(all3));
        }
        return writings;
    }

    @Test
    void isMaskedInEveryWritingAndAtEveryCut() {
        Redaction redaction = new Redaction();
        redaction.add(Secret.accessKey(KEY));
        writings(KEY)
                .forEach(
                        (name, writing) -> {
                            for (int before = 0; before < 220; before += 3) {
                                for (int max : new int[] {200, 300}) {
                                    String line =
                                            redaction.line(
                                                    ".".repeat(before) + writing + " end", max);
                                    requireNoPart(name, writing, line);
                                }
                            }
                            // What has lost its end in the middle of the key.
                            for (int length = 4; length <= writing.length(); length++) {
                                String cut = writing.substring(0, length);
                                String line = redaction.line("said " + cut, true, 300);
                                requireNoPart(name + " cut at " + length, writing, line);
                            }
                        });
    }

    /** No eight characters of the key stand there, as they are written. */
    private static void requireNoPart(String name, String writing, String line) {
        String shown = writing.replaceAll("\\s+", " ");
        int end = name.startsWith("base64") ? 44 : shown.length();
        int eight = 8 * (int) Math.ceil((double) writing.length() / KEY.length());
        for (int from = 0; from + eight <= Math.min(end, shown.length()); from++) {
            String part = shown.substring(from, from + eight);
            // Of base64, what comes before the key is no secret.
            if (name.contains("session-key") && from < 28) {
                continue;
            }
            assertThat(line).as(name).doesNotContain(part);
        }
    }

    @Test
    void whatIsNoSecretRemains() {
        Redaction redaction = new Redaction();
        redaction.add(Secret.accessKey("0123456789abcdef0123456789abcdef"));
        String text = "Record 17 of 0123 failed: 01234 < 5, see https://example.test/?a=%20&amp;b";
        assertThat(redaction.line(text, 300)).isEqualTo(text);
        assertThat(new Redaction().line("any words", 300)).isEqualTo("any words");
        // A secret of three characters is in every sentence.
        redaction.add(Secret.accessKey("the"));
        assertThat(redaction.line("the end", 300)).isEqualTo("the end");
    }

    @Test
    void randomKeysAreMaskedInEveryWriting() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 200; round++) {
            StringBuilder key = new StringBuilder();
            int length = 8 + random.nextInt(80);
            for (int i = 0; i < length; i++) {
                key.append((char) (0x21 + random.nextInt(0x5E)));
            }
            Redaction redaction = new Redaction();
            redaction.add(Secret.accessKey(key.toString()));
            for (Map.Entry<String, String> writing : writings(key.toString()).entrySet()) {
                assertThat(redaction.line("before " + writing.getValue() + " after", 16_000))
                        .as("seed %d, %s of %s", seed, writing.getKey(), key)
                        .contains("***");
            }
        }
    }

    @Test
    void aKeyThatIsNoLongerInUseIsStillMasked() {
        Redaction redaction = new Redaction();
        redaction.add(Secret.accessKey("first-key-1234"));
        redaction.add(Secret.accessKey("second-key-5678"));
        assertThat(redaction.line("first-key-1234 second-key-5678", 100)).isEqualTo("*** ***");
    }

    @Test
    void isInNoExceptionOfAnyOperation() {
        List<String> seen = new ArrayList<>();
        for (Map.Entry<String, String> writing : writings(KEY).entrySet()) {
            String text = writing.getValue();
            String jsonText = text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\r\n", "");
            String xmlText = text.replace("&", "&amp;").replace("<", "&lt;");
            List<CannedServer.Handler> echoes =
                    List.of(
                            // Across the cut of 200 characters, and of 300.
                            (request, c) -> c.answer(500, "text/plain", "-".repeat(190) + text),
                            (request, c) -> c.error(500, 1, "-".repeat(290) + jsonText),
                            (request, c) -> c.error(403, -13, jsonText),
                            // White space that one line does not show, before a cut in the key.
                            (request, c) ->
                                    c.answer(500, "text/plain", " ".repeat(16 * 1024 - 20) + text),
                            (request, c) -> c.json(jsonText),
                            (request, c) ->
                                    c.answer(
                                            200,
                                            "application/xml",
                                            "<ListBucketResult><Contents><Key>me/x/"
                                                    + xmlText
                                                    + "</Key></Contents><CommonPrefixes><Prefix>me//"
                                                    + xmlText
                                                    + "</Prefix><ShardCount>1</ShardCount>"
                                                    + "</CommonPrefixes></ListBucketResult>"),
                            (request, c) ->
                                    c.answer(
                                            200,
                                            "application/xml",
                                            "<ListBucketResult><NextMarker>"
                                                    + xmlText
                                                    + "</NextMarker><IsTruncated>true</IsTruncated>"
                                                    + "</ListBucketResult>"));
            for (CannedServer.Handler echo : echoes) {
                handler =
                        (request, connection) -> {
                            if (request.function().equals("DescribeStream")
                                    && echoes.indexOf(echo) > 4) {
                                connection.json("{\"ShardCount\": 1, \"RetentionPeriodHours\": 1}");
                            } else {
                                echo.handle(request, connection);
                            }
                        };
                if (echoes.indexOf(echo) <= 4) {
                    seen.add(text(client.describeStream(STREAM)));
                }
                seen.add(text(client.newestSequenceNumbers(STREAM)));
                seen.add(text(client.listStreams("users", "me")));
                seen.add(text(client.deleteStream(STREAM)));
                seen.add(text(client.getRecords(STREAM.shard(0), new Location(KEY), 1)));
            }
            for (String one : seen) {
                requireNoPart(writing.getKey(), text, one);
                assertThat(one).as(writing.getKey()).doesNotContain(KEY);
            }
            seen.clear();
        }
    }

    private static String text(java.util.concurrent.CompletableFuture<?> future) {
        Throwable error = get(future.handle((value, thrown) -> thrown));
        if (error == null) {
            return "";
        }
        assertThat(error).isInstanceOf(V3ioException.class);
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text));
        V3ioException typed = (V3ioException) error;
        return text + " " + typed.path() + " " + typed.symbolicName();
    }

    @Test
    void isInNoErrorOfARecord() {
        for (Map.Entry<String, String> writing : writings(KEY).entrySet()) {
            for (int before : new int[] {0, 260, 270, 280, 290}) {
                String text = "-".repeat(before) + writing.getValue();
                String jsonText =
                        text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\r\n", "\\r\\n");
                handler =
                        (request, connection) ->
                                connection.json(
                                        "{\"FailedRecordCount\": 1, \"Records\": [{\"ErrorCode\": 7,"
                                                + " \"ErrorMessage\": \""
                                                + jsonText
                                                + "\"}]}");
                List<PutResult> results =
                        get(client.putRecords(STREAM, List.of(PutRecord.of(new byte[1]))));
                String message = ((PutResult.Failed) results.get(0)).errorMessage();
                assertThat(message.length()).isLessThanOrEqualTo(304);
                requireNoPart(writing.getKey(), writing.getValue(), message);
            }
        }
    }

    @Test
    void aPasswordIsMaskedToo() {
        handler =
                (request, connection) ->
                        connection.answer(
                                500,
                                "text/plain",
                                request.header("Authorization") + " is pass-word-1234");
        try (V3ioClient user =
                V3ioClient.builder()
                        .setEndpoint(server.endpoint())
                        .setUser("me", "pass-word-1234")
                        .setRetryPolicy(Clients.quickRetries(0))
                        .build()) {
            assertThat(error(user.describeStream(STREAM)))
                    .hasMessageContaining("body: Basic *** is ***");
        }
    }
}
