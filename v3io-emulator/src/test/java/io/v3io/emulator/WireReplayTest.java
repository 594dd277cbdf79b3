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

import io.v3io.emulator.RawSocket.Reply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Sends what the two public clients really sent, byte by byte, and expects what they need to go on.
 */
class WireReplayTest {
    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final String ANY_LOCATION = "AQAAAAAAAAAAAAAAAAAAAA==";

    private V3ioEmulator emulator;
    private RawSocket socket;

    @BeforeEach
    void start() throws IOException {
        emulator = V3ioEmulator.builder().accessKey("a-key").start();
        socket = new RawSocket(emulator.endpoint());
    }

    @AfterEach
    void stop() throws IOException {
        socket.close();
        emulator.close();
    }

    private byte[] recorded(String name) throws IOException {
        try (InputStream resource = getClass().getResourceAsStream("/wire/" + name + ".http")) {
            assertThat(resource).as(name).isNotNull();
            return resource.readAllBytes();
        }
    }

    private Reply replay(String name) throws IOException {
        return socket.send(recorded(name)).receive();
    }

    /**
     * The recorded request with a location that is alive; the texts have the same length, so has
     * the body.
     */
    private Reply replayWithLocation(String name, String location) throws IOException {
        String request = new String(recorded(name), StandardCharsets.UTF_8);
        int difference = location.length() - ANY_LOCATION.length();
        int length = Integer.parseInt(request.replaceAll("(?s).*Content-Length: ([0-9]+).*", "$1"));
        return socket.send(
                        request.replace(ANY_LOCATION, location)
                                .replace(
                                        "Content-Length: " + length,
                                        "Content-Length: " + (length + difference)))
                .receive();
    }

    private static JsonNode json(Reply reply) throws IOException {
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.headers().get("content-type")).startsWith("application/json");
        return MAPPER.readTree(reply.body());
    }

    private static void assertDone(Reply reply) {
        assertThat(reply.status()).as(reply.body()).isEqualTo(204);
        assertThat(reply.body()).isEmpty();
    }

    private static void assertPut(JsonNode answer) {
        assertThat(answer.get("FailedRecordCount").asInt()).isZero();
        assertThat(answer.get("Records")).hasSize(4);
        assertThat(answer.get("Records").get(2).get("ShardId").asInt()).isEqualTo(1);
        answer.get("Records")
                .forEach(result -> assertThat(result.get("SequenceNumber").asLong()).isPositive());
    }

    /** Puts 50 records into shard 0, so that number 42 exists. */
    private void fillShard0(String path) throws IOException {
        String records =
                IntStream.range(0, 50)
                        .mapToObj(
                                i ->
                                        "{\"Data\":\""
                                                + RawClient.base64("r" + i)
                                                + "\",\"ShardId\":0}")
                        .collect(Collectors.joining(","));
        String body = "{\"Records\":[" + records + "]}";
        json(
                socket.send(
                                "PUT "
                                        + path
                                        + " HTTP/1.1\r\nX-v3io-session-key: a-key\r\nX-v3io-function: PutRecords\r\n"
                                        + "Content-Length: "
                                        + body.length()
                                        + "\r\n\r\n"
                                        + body)
                        .receive());
    }

    @Test
    void thePythonClientGetsWhatItNeeds() throws IOException {
        assertDone(replay("python-client/01-CreateStream"));
        JsonNode described = json(replay("python-client/02-DescribeStream"));
        assertThat(described.get("ShardCount").asInt()).isEqualTo(8);
        assertThat(described.get("RetentionPeriodHours").asInt()).isEqualTo(24);
        assertDone(replay("python-client/03-UpdateStream"));
        assertPut(json(replay("python-client/04-PutRecords")));
        fillShard0("/users/me/examples/v3io%20stream/");

        String earliest =
                json(replay("python-client/05-SeekShard-earliest")).get("Location").asText();
        String latest = json(replay("python-client/06-SeekShard-latest")).get("Location").asText();
        String time = json(replay("python-client/07-SeekShard-time")).get("Location").asText();
        String sequence =
                json(replay("python-client/08-SeekShard-sequence")).get("Location").asText();
        assertThat(time).as("2017 is before the first record").isEqualTo(earliest);

        // The recorded location, of a history that nobody has, is taken as the oldest record.
        assertThat(json(replay("python-client/09-GetRecords")).get("Records")).hasSize(10);

        assertThat(json(replayWithLocation("python-client/09-GetRecords", earliest)).get("Records"))
                .hasSize(10);
        JsonNode from42 =
                json(replayWithLocation("python-client/10-GetRecords-no-limit", sequence));
        assertThat(from42.get("Records").get(0).get("SequenceNumber").asLong()).isEqualTo(42);
        assertThat(from42.get("RecordsBehindLatest").asLong()).isZero();
        assertThat(json(replayWithLocation("python-client/09-GetRecords", latest)).get("Records"))
                .isEmpty();

        Reply listed = replay("python-client/11-ListContainerContents");
        assertThat(listed.status()).isEqualTo(200);
        assertThat(listed.headers().get("content-type")).contains("xml");
        assertThat(listed.body()).contains("<Key>me/examples/v3io stream/0</Key>");

        assertDone(putThenDeleteShard("python-client/12-DeleteShardObject"));
        deleteContents(listed.body());
        assertDone(replay("python-client/13-DeleteStreamObject"));
        assertThat(emulator.hasStream("users/me/examples/v3io stream")).isFalse();
    }

    @Test
    void theGoClientGetsWhatItNeeds() throws IOException {
        assertDone(replay("go-client/01-CreateStream"));
        assertThat(json(replay("go-client/02-DescribeStream")).get("ShardCount").asInt())
                .isEqualTo(4);
        assertPut(json(replay("go-client/03-PutRecords")));
        fillShard0("/users/me/examples/gostream/");

        String earliest = json(replay("go-client/04-SeekShard-earliest")).get("Location").asText();
        assertThat(json(replay("go-client/05-SeekShard-latest")).get("Location").asText())
                .isNotEqualTo(earliest);
        assertThat(json(replay("go-client/06-SeekShard-time")).get("Location").asText())
                .isEqualTo(earliest);
        assertThat(json(replay("go-client/07-SeekShard-sequence")).get("Location").asText())
                .isNotEmpty();
        assertThat(json(replay("go-client/08-GetRecords")).get("Records")).hasSize(10);
        assertThat(json(replayWithLocation("go-client/08-GetRecords", earliest)).get("Records"))
                .hasSize(10);

        assertThat(replay("go-client/09-GetItem-group-state").status())
                .as("no group yet")
                .isEqualTo(404);
        JsonNode falseCondition =
                MAPPER.readTree(replay("go-client/10-PutItem-group-state").body());
        assertThat(falseCondition.get("ErrorCode").asInt()).isEqualTo(-16777244);

        assertThat(json(replay("go-client/11-GetItem-committed-sequence")).get("Item")).isEmpty();
        Reply committed = replay("go-client/12-PutItem-commit-sequence");
        assertThat(committed.status()).isEqualTo(200);
        assertThat(committed.headers().get("x-v3io-transaction-verifier"))
                .matches("__mtime_secs==[0-9]+ and __mtime_nsecs==[0-9]+");
        assertThat(
                        json(replay("go-client/11-GetItem-committed-sequence"))
                                .at("/Item/__cg0_committed_sequence_number/N")
                                .asText())
                .isEqualTo("15756");
        assertThat(emulator.stream("users/me/examples/gostream").committedSequenceNumber("cg0", 0))
                .hasValue(15756);

        Reply listed = replay("go-client/13-ListContainerContents");
        assertThat(listed.body()).contains("<Key>me/examples/gostream/0</Key>");
        assertDone(putThenDeleteShard("go-client/14-DeleteShardObject"));
        deleteContents(listed.body());
        assertDone(replay("go-client/15-DeleteStreamObject"));
        assertThat(emulator.hasStream("users/me/examples/gostream")).isFalse();
    }

    @Test
    void theGroupStateOfTheGoClientIsWrittenUnderItsCondition() throws IOException {
        ManualClock clock = new ManualClock(Instant.ofEpochSecond(1_700_000_000, 1));
        try (V3ioEmulator at = V3ioEmulator.builder().clock(clock).start();
                RawSocket other = new RawSocket(at.endpoint())) {
            assertThat(other.send(recorded("go-client/01-CreateStream")).receive().status())
                    .isEqualTo(204);
            RawClient client = new RawClient(at.endpoint());
            String path = "/users/me/examples/gostream/cg0-state.json";
            assertThatPutSucceeds(client, path);
            // The object was made at exactly the time that the recorded condition names.
            assertThat(other.send(recorded("go-client/10-PutItem-group-state")).receive().status())
                    .isEqualTo(200);
            JsonNode item =
                    json(other.send(recorded("go-client/09-GetItem-group-state")).receive())
                            .get("Item");
            assertThat(item.at("/state/S").asText()).contains("\"schema_version\":\"0.0.1\"");
            assertThat(item.at("/__mtime_secs/N").asText()).isEqualTo("1700000000");
            assertThat(item.at("/__mtime_nsecs/N").asText()).isEqualTo("2");
            assertThat(other.send(recorded("go-client/10-PutItem-group-state")).receive().status())
                    .as("the time has moved on")
                    .isEqualTo(400);
        }
    }

    private static void assertThatPutSucceeds(RawClient client, String path) {
        try {
            assertThat(
                            client.function(
                                            "PutItem",
                                            path,
                                            "{\"Item\":{\"state\":{\"S\":\"{}\"}},"
                                                    + "\"ConditionExpression\":\"not(exists(state))\"}")
                                    .status())
                    .isEqualTo(200);
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private Reply putThenDeleteShard(String name) throws IOException {
        String head = "PUT /users/me/s/ HTTP/1.1\r\nX-v3io-session-key: a-key\r\n";
        assertDone(socket.send(head + "X-v3io-function: CreateStream\r\n\r\n").receive());
        fillShard0("/users/me/s/");
        return replay(name);
    }

    private void deleteContents(String listing) throws IOException {
        for (String part : listing.split("<Key>", -1)) {
            if (part.contains("</Key>")) {
                String key = part.substring(0, part.indexOf("</Key>")).replace(" ", "%20");
                assertDone(
                        socket.send(
                                        "DELETE /users/"
                                                + key
                                                + " HTTP/1.1\r\nX-v3io-session-key: a-key\r\n\r\n")
                                .receive());
            }
        }
    }
}
