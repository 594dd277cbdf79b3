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
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.testing.CannedServer;
import io.v3io.client.testing.Clients;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.stream.Stream;

import static io.v3io.client.testing.Clients.error;
import static org.assertj.core.api.Assertions.assertThat;

/** Whatever a server says, an operation ends with an exception that tells what and where. */
class BadAnswersTest {

    private static final int LIMIT = 64 * 1024;
    private static final ShardId SHARD = StreamPath.parse("users/me/s").shard(3);
    private static final Location LOCATION = new Location("AQAB");
    private static final String CHUNKED =
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n";

    private volatile CannedServer.Handler handler;
    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server = CannedServer.start((request, connection) -> handler.handle(request, connection));
        client = Clients.builder(server.endpoint()).setMaxResponseBytes(LIMIT).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    static Stream<Arguments> badAnswers() {
        return Stream.of(
                bad(
                        "an HTML page with status 200",
                        Kind.MALFORMED_RESPONSE,
                        "status 200, but the answer of 20 bytes is not valid JSON",
                        c -> c.answer(200, "text/html", "<html>hello\n\n</html>")),
                bad(
                        "an HTML page with status 502",
                        Kind.UNAVAILABLE,
                        "status 502, body: <html>Bad Gateway</html>. The server is overloaded",
                        c -> c.answer(502, "text/html", "<html>Bad\r\n\u0007Gateway</html>")),
                bad(
                        "an endless line of an error",
                        Kind.UNAVAILABLE,
                        "xxx...",
                        c -> c.answer(500, "text/plain", "x".repeat(20_000))),
                bad(
                        "nothing with status 503",
                        Kind.UNAVAILABLE,
                        "status 503.",
                        c -> c.answer(503, "text/plain", "")),
                bad(
                        "no body",
                        Kind.MALFORMED_RESPONSE,
                        "has no body",
                        CannedServer.Connection::noContent),
                bad(
                        "a missing field",
                        Kind.MALFORMED_RESPONSE,
                        "lacks the field NextLocation",
                        c -> c.json("{\"Records\": []}")),
                bad(
                        "JSON that ends early",
                        Kind.MALFORMED_RESPONSE,
                        "ends in the middle of its JSON, after 14 bytes",
                        c -> c.json("{\"Records\": [{")),
                bad(
                        "a body that ends before its announced length",
                        Kind.TRANSPORT,
                        "the connection ended before the whole answer",
                        c -> {
                            c.write(CannedServer.head(200, "application/json", "", 100));
                            c.write("{\"Records\"");
                            c.close();
                        }),
                bad(
                        "a reset in the body",
                        Kind.TRANSPORT,
                        "the connection ended before the whole answer",
                        c -> {
                            c.write(CannedServer.head(200, "application/json", "", 100));
                            c.reset();
                        }),
                bad(
                        "a reset without an answer",
                        Kind.TRANSPORT,
                        "the connection ended before the whole answer",
                        CannedServer.Connection::reset),
                bad(
                        "an end without an answer",
                        Kind.TRANSPORT,
                        "the connection ended before the whole answer",
                        CannedServer.Connection::close),
                bad(
                        "chunks that end early",
                        Kind.TRANSPORT,
                        "the connection ended before the whole answer",
                        c -> {
                            c.write(CHUNKED + "5\r\n{\"Rec\r\n");
                            c.close();
                        }),
                bad(
                        "chunks that are none",
                        Kind.MALFORMED_RESPONSE,
                        "the answer is not valid HTTP",
                        c -> {
                            c.write(CHUNKED + "zz\r\n{\"Rec\r\n");
                            c.close();
                        }),
                bad(
                        "something else than HTTP",
                        Kind.MALFORMED_RESPONSE,
                        "the answer is not valid HTTP",
                        c -> {
                            c.write(
                                    "SSH-2.0-OpenSSH_9.6 and much more text in this line\r\n"
                                            .repeat(20));
                            c.close();
                        }),
                bad(
                        "an announced body over the limit",
                        Kind.RESPONSE_TOO_LARGE,
                        "more than the 65536 bytes that the client takes",
                        c -> c.write(CannedServer.head(200, "application/json", "", LIMIT + 1))),
                bad(
                        "an announced body of terabytes",
                        Kind.RESPONSE_TOO_LARGE,
                        "more than the 65536 bytes that the client takes",
                        c ->
                                c.write(
                                        CannedServer.head(
                                                200, "application/json", "", Long.MAX_VALUE))),
                bad(
                        "an endless body in chunks",
                        Kind.RESPONSE_TOO_LARGE,
                        "more than the 65536 bytes that the client takes",
                        c -> {
                            c.write(CHUNKED);
                            for (int i = 0; i < 100_000; i++) {
                                c.write("1000\r\n" + "x".repeat(0x1000) + "\r\n");
                            }
                        }),
                bad(
                        "an endless body without framing",
                        Kind.RESPONSE_TOO_LARGE,
                        "more than the 65536 bytes that the client takes",
                        c -> {
                            c.write("HTTP/1.1 200 OK\r\n\r\n");
                            for (int i = 0; i < 100_000; i++) {
                                c.write("x".repeat(0x1000));
                            }
                        }),
                bad(
                        "a redirect to another host",
                        Kind.UNEXPECTED,
                        "redirects to evil.example:81, which is not followed",
                        c ->
                                c.answer(
                                        307,
                                        "text/html",
                                        "Location: http://evil.example:81/x?y\r\n",
                                        new byte[0])),
                bad(
                        "a redirect to another path",
                        Kind.UNEXPECTED,
                        "redirects to another path, which is not followed",
                        c -> c.answer(302, "text/html", "Location: /login\r\n", new byte[0])),
                bad(
                        "an illegal location",
                        Kind.ILLEGAL_LOCATION,
                        "status 400 IllegalLocation (code -5). The location no longer exists",
                        c -> c.error(400, -5, "IllegalLocation")),
                bad(
                        "a missing shard",
                        Kind.NOT_FOUND,
                        "its first record has not been stored yet",
                        c -> c.error(404, -2, "No such file or directory")),
                bad(
                        "a refused key",
                        Kind.PERMISSION_DENIED,
                        "Check that the access key that was set on the client is valid",
                        c -> c.error(403, -13, "Permission denied")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badAnswers")
    void endsWithAnExceptionThatTellsWhatAndWhere(
            String name, Kind kind, String message, CannedServerAnswer answer) {
        handler = (request, connection) -> answer.write(connection);

        V3ioException error = error(client.getRecords(SHARD, LOCATION, 10));

        assertThat(error)
                .hasMessageStartingWith(
                        "GetRecords of users/me/s/3 (location AQAB) at 127.0.0.1:"
                                + server.port()
                                + " failed: ")
                .hasMessageContaining(message)
                .hasMessageNotContaining(Clients.KEY);
        assertThat(error.getMessage()).hasSizeLessThan(800).doesNotContain("\n");
        assertThat(error.kind()).isEqualTo(kind);
        assertThat(error.path()).isEqualTo("users/me/s/3");
        assertThat(error.neverSent()).isFalse();
        assertThat(server.requests()).hasSize(1);
        assertThat(client.metrics().requestsInFlight()).isZero();
        assertThat(client.metrics().failures()).isEqualTo(1);
        assertThat(client.metrics().bytesReceived()).isLessThan(LIMIT * 4L);
    }

    @Test
    void aConnectionIsUsableAgainAfterAnErrorAnswer() {
        handler = (request, connection) -> connection.error(404, -2, "No such file or directory");
        for (int i = 0; i < 20; i++) {
            assertThat(error(client.describeStream(SHARD.stream())).kind())
                    .isEqualTo(Kind.NOT_FOUND);
        }
        assertThat(server.connections()).isEqualTo(1);
    }

    @Test
    void fewerResultsThanRecordsAreNoSuccess() {
        handler =
                (request, connection) ->
                        connection.json(
                                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\":"
                                        + " 0}]}");
        PutRecord record = PutRecord.of(new byte[1]);
        V3ioException error = error(client.putRecords(SHARD.stream(), List.of(record, record)));
        assertThat(error.kind()).isEqualTo(Kind.UNMATCHED_RESULTS);
        assertThat(error.kind().isTransient()).isFalse();
        assertThat(error)
                .hasMessageContaining("has 1 results for 2 records")
                .hasMessageContaining("Nobody can tell which of the records are stored.");
    }

    @Test
    void anAnswerThatIsTooLargeIsNotTransient() {
        assertThat(Kind.RESPONSE_TOO_LARGE.isTransient()).isFalse();
        handler =
                (request, connection) ->
                        connection.write(CannedServer.head(200, "application/json", "", LIMIT + 1));
        V3ioException error =
                error(client.putRecords(SHARD.stream(), List.of(PutRecord.of(new byte[1]))));
        assertThat(error.kind()).isEqualTo(Kind.RESPONSE_TOO_LARGE);
        assertThat(error).hasMessageContaining("The server may have acted on it.");
    }

    static Stream<Arguments> brokenAnswersWithPayload() {
        return Stream.of(
                Arguments.of(
                        "a word that is no JSON",
                        json("{\"Records\": [{\"Data\": TOPSECRETpayload}]}")),
                Arguments.of(
                        "a text that is no base64",
                        json("{\"Records\": [{\"Data\": \"TOPSECRETpayload~\"}]}")),
                Arguments.of("a body that is only payload", json("TOPSECRETpayload")),
                Arguments.of(
                        "a number with letters", json("{\"MSecBehindLatest\": 1TOPSECRETpayload}")),
                Arguments.of(
                        "deeper than the parser goes",
                        json("{\"x\": " + "[".repeat(5_000) + "\"TOPSECRETpayload\"")),
                Arguments.of(
                        "a chunk that has lost its length",
                        (CannedServerAnswer)
                                c -> {
                                    c.write(CHUNKED + "TOPSECRETpayload\r\n");
                                    c.close();
                                }),
                Arguments.of(
                        "a body where an answer should begin",
                        (CannedServerAnswer)
                                c -> {
                                    c.write("TOPSECRETpayload\r\n".repeat(50));
                                    c.close();
                                }),
                Arguments.of(
                        "a header that is none",
                        (CannedServerAnswer)
                                c -> {
                                    c.write("HTTP/1.1 200 OK\r\nTOPSECRETpayload\r\n\r\n");
                                    c.close();
                                }));
    }

    private static CannedServerAnswer json(String body) {
        return connection -> connection.json(body);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenAnswersWithPayload")
    void noPayloadGetsIntoAnException(String name, CannedServerAnswer answer) {
        handler = (request, connection) -> answer.write(connection);

        V3ioException error = error(client.getRecords(SHARD, LOCATION, 10));

        assertThat(error.kind()).isIn(Kind.MALFORMED_RESPONSE, Kind.TRANSPORT);
        StringWriter everything = new StringWriter();
        error.printStackTrace(new PrintWriter(everything));
        assertThat(everything.toString()).doesNotContain("TOPSECRET").doesNotContain("payload");
    }

    @Test
    void noNameOfAListingGetsIntoAnException() {
        handler =
                (request, connection) ->
                        connection.answer(
                                200,
                                "application/xml",
                                "<ListBucketResult><TOPSECRETpayload></ListBucketResult>");
        V3ioException error = error(client.newestSequenceNumbers(SHARD.stream()));
        assertThat(error.kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
        assertThat(error)
                .hasMessageContaining("is not valid XML at line 1, column ")
                .hasMessageNotContaining("TOPSECRET");
    }

    @Test
    void aMarkerThatPointsToItselfDoesNotLoop() {
        handler =
                (request, connection) ->
                        connection.answer(
                                200,
                                "application/xml",
                                "<ListBucketResult><NextMarker>m</NextMarker><IsTruncated>true</IsTruncated>"
                                        + "</ListBucketResult>");
        V3ioException error = error(client.newestSequenceNumbers(SHARD.stream()));
        assertThat(error.kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
        assertThat(error).hasMessageContaining("the marker 'm' comes again");
    }

    @Test
    void markersThatGoRoundDoNotLoop() {
        for (int length : new int[] {2, 3, 5, 17}) {
            handler =
                    (request, connection) -> {
                        String query = request.target();
                        String marker = query.substring(query.lastIndexOf('=') + 1);
                        int next = query.contains("marker=") ? Integer.parseInt(marker) + 1 : 0;
                        connection.answer(
                                200,
                                "application/xml",
                                "<ListBucketResult><NextMarker>"
                                        + (next < 7 ? next : 7 + (next - 7) % length)
                                        + "</NextMarker><IsTruncated>true</IsTruncated>"
                                        + "</ListBucketResult>");
                    };
            int before = server.requests().size();
            V3ioException error = error(client.newestSequenceNumbers(SHARD.stream()));
            assertThat(error.kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
            assertThat(error).hasMessageContaining("comes again");
            assertThat(server.requests().size() - before).isLessThan(100);
        }
    }

    @Test
    void aNameThatNoStreamHasIsAMalformedListing() {
        for (String prefix :
                new String[] {
                    "me/../x/", "other/", "me/a/b/", "me/..", "me/" + "x".repeat(5_000)
                }) {
            handler =
                    (request, connection) ->
                            connection.answer(
                                    200,
                                    "application/xml",
                                    "<ListBucketResult><CommonPrefixes><Prefix>"
                                            + prefix
                                            + "</Prefix><ShardCount>1</ShardCount></CommonPrefixes>"
                                            + "</ListBucketResult>");
            V3ioException error = error(client.listStreams("users", "me"));
            assertThat(error.kind()).as(prefix).isEqualTo(Kind.MALFORMED_RESPONSE);
            assertThat(error).hasMessageContaining("the listed name '");
        }
    }

    private static Arguments bad(
            String name, Kind kind, String message, CannedServerAnswer answer) {
        return Arguments.of(name, kind, message, answer);
    }

    /** Writes an answer to a connection, a wrong one. */
    private interface CannedServerAnswer {
        void write(CannedServer.Connection connection) throws IOException;
    }
}
