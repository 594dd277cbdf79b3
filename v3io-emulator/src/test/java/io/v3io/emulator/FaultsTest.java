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

import io.v3io.emulator.RawClient.Reply;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.SocketException;
import java.time.Duration;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What goes wrong on demand: design section 3. */
class FaultsTest {
    private static final String PUT =
            "PUT /c/s/ HTTP/1.1\r\nX-v3io-function: PutRecords\r\nContent-Length: 25\r\n\r\n{\"Records\":[{\"Data\":\"\"}]}";

    private V3ioEmulator emulator;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        emulator = V3ioEmulator.builder().containersOnDemand(true).seed(7).start();
        client = new RawClient(emulator.endpoint());
        client.createStream("/c/s", 1);
    }

    @AfterEach
    void stop() {
        emulator.close();
    }

    private int describe() throws Exception {
        return client.function("DescribeStream", "/c/s/", null).status();
    }

    @Test
    void aStatusIsAnsweredAsOftenAsAskedAfterThoseThatPass() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.DESCRIBE_STREAM)
                                .respond(503, "text/html", "<html>busy</html>")
                                .skip(1)
                                .times(2));
        assertThat(describe()).isEqualTo(200);
        Reply busy = client.function("DescribeStream", "/c/s/", null);
        assertThat(busy.status()).isEqualTo(503);
        assertThat(busy.body()).isEqualTo("<html>busy</html>");
        assertThat(busy.header("Content-Type")).isEqualTo("text/html");
        assertThat(describe()).isEqualTo(503);
        assertThat(describe()).isEqualTo(200);
        assertThat(emulator.faults().hits()).isEqualTo(2);
        assertThat(emulator.faults().active()).isEmpty();
        assertThat(emulator.requestCount(Operation.DESCRIBE_STREAM)).isEqualTo(4);
    }

    @Test
    void onlyTheOperationAndPathThatWereNamedAreHit() throws Exception {
        client.createStream("/c/other", 1);
        emulator.faults()
                .add(
                        Fault.on(Operation.DESCRIBE_STREAM)
                                .path("c/other")
                                .respond(500, "text/plain", ""));
        assertThat(describe()).isEqualTo(200);
        assertThat(client.put("/c/other", 0, "x").status()).isEqualTo(200);
        assertThat(client.function("DescribeStream", "/c/other/", null).status()).isEqualTo(500);
        emulator.faults().clear();
        assertThat(client.function("DescribeStream", "/c/other/", null).status()).isEqualTo(200);
    }

    @Test
    void probabilityHitsAboutAsOftenAsSaidAndTheSameWithTheSameSeed() throws Exception {
        emulator.faults().add(Fault.onAny().respond(500, "text/plain", "").probability(0.3));
        StringBuilder first = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            first.append(describe() == 500 ? 'x' : '.');
        }
        assertThat(first.chars().filter(c -> c == 'x').count()).isBetween(30L, 90L);
        client.method(
                "PUT",
                "/_emulator/faults",
                "{\"seed\":7,\"faults\":[{\"action\":\"respond\",\"status\":500,\"probability\":0.3}]}");
        for (int i = 0; i < 200; i++) {
            assertThat(describe() == 500).as("request " + i).isEqualTo(first.charAt(i) == 'x');
        }
    }

    @Test
    void throttlingSaysWhenToComeBack() throws Exception {
        emulator.faults().add(Fault.onAny().throttle(3));
        Reply reply = client.get("/c?prefix=s%2F");
        assertThat(reply.status()).isEqualTo(429);
        assertThat(reply.header("Retry-After")).isEqualTo("3");
    }

    @Test
    void namedRecordsFailAndTheOthersAreStored() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .failRecords("ProvisionedThroughputExceeded", 1)
                                .times(1));
        JsonNode answer = client.put("/c/s", 0, "a", "b", "c").json();
        assertThat(answer.get("FailedRecordCount").asInt()).isEqualTo(1);
        assertThat(answer.at("/Records/0/SequenceNumber").asLong()).isEqualTo(1);
        assertThat(answer.at("/Records/1/ErrorMessage").asText())
                .isEqualTo("ProvisionedThroughputExceeded");
        assertThat(answer.at("/Records/1/ErrorCode").isInt()).isTrue();
        assertThat(answer.at("/Records/2/SequenceNumber").asLong()).isEqualTo(2);
        assertThat(client.put("/c/s", 0, "b").json().get("FailedRecordCount").asInt()).isZero();
        assertThat(emulator.stream("c/s").records(0))
                .extracting(r -> (char) r.data()[0])
                .containsExactly('a', 'c', 'b');
    }

    @Test
    void recordsFailWithAProbabilityOfTheirOwn() throws Exception {
        emulator.faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .failRecords("InvalidArgumentException")
                                .probability(0.2));
        String[] texts =
                IntStream.range(0, 1000).mapToObj(Integer::toString).toArray(String[]::new);
        JsonNode answer = client.put("/c/s", 0, texts).json();
        int failed = answer.get("FailedRecordCount").asInt();
        assertThat(failed).isBetween(100, 300);
        assertThat(emulator.stream("c/s").recordCount()).isEqualTo(1000 - failed);
        answer.get("Records")
                .forEach(
                        result ->
                                assertThat(result.path("ErrorCode").asInt(-201326592))
                                        .isEqualTo(-201326592));
    }

    @Test
    void latencyHoldsTheAnswerBackAfterTheEffect() throws Exception {
        emulator.faults()
                .add(Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(150)).times(1));
        emulator.faults()
                .add(Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(150)).times(1));
        long start = System.nanoTime();
        assertThat(client.put("/c/s", 0, "a").status()).isEqualTo(200);
        assertThat(Duration.ofNanos(System.nanoTime() - start))
                .isGreaterThanOrEqualTo(Duration.ofMillis(300));
    }

    @Test
    void aResetBeforeLeavesNothingAndAResetAfterEverything() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().times(1));
        assertReset();
        assertThat(emulator.stream("c/s").recordCount()).isZero();
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).resetAfter().times(1));
        assertReset();
        assertThat(emulator.stream("c/s").recordCount()).isEqualTo(1);
    }

    private void assertReset() throws IOException {
        try (RawSocket socket = new RawSocket(emulator.endpoint())) {
            socket.send(PUT);
            assertThatThrownBy(socket::receive)
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void aCutBodyIsShorterThanItsHeaderSays() throws Exception {
        emulator.faults().add(Fault.onAny().cutBody().times(1));
        try (RawSocket socket = new RawSocket(emulator.endpoint())) {
            socket.send(PUT);
            assertThatThrownBy(socket::receive)
                    .isInstanceOf(IOException.class)
                    .hasMessageMatching("the body ended after [1-9][0-9]* of [0-9]+ bytes");
        }
        assertThat(emulator.stream("c/s").recordCount()).isEqualTo(1);
    }

    @Test
    void aKilledLocationStaysDeadUntilASeek() throws Exception {
        client.put("/c/s", 0, "a");
        String location = client.seek("/c/s/0", "EARLIEST");
        emulator.faults().add(Fault.on(Operation.GET_RECORDS).killLocation().times(1));
        for (int i = 0; i < 2; i++) {
            Reply dead = client.read("/c/s/0", location, 1);
            assertThat(dead.status()).isEqualTo(400);
            assertThat(dead.error()).contains("IllegalLocation");
        }
        assertThat(client.read("/c/s/0", client.seek("/c/s/0", "EARLIEST"), 1).status())
                .isEqualTo(200);
    }

    @Test
    void aRequestThatIsNeverAnsweredKeepsItsConnectionUntilTheEnd() throws Exception {
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).never().times(1));
        try (RawSocket silent = new RawSocket(emulator.endpoint());
                RawSocket other = new RawSocket(emulator.endpoint())) {
            silent.send(PUT);
            await().until(() -> emulator.faults().hits() == 1);
            assertThat(other.send(PUT).receive().status()).isEqualTo(200);
            assertThat(emulator.stream("c/s").recordCount()).isEqualTo(1);
            emulator.close();
            assertThatThrownBy(silent::receive).isInstanceOf(IOException.class);
        }
    }

    @Test
    void faultsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> emulator.faults().add(Fault.onAny()))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> emulator.faults().add(Fault.onAny().failRecords("X")))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.onAny().probability(1.1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.onAny().times(0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.onAny().skip(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.onAny().respond(99, "", ""))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.onAny().throttle(-1))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.onAny().latency(Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(emulator.faults().active()).isEmpty();
    }

    @Test
    void everyFaultCanBeSetShownAndClearedOverHttp() throws Exception {
        String faults =
                """
                [{"operation":"GetRecords","action":"respond","status":503,"contentType":"text/html","body":"busy","times":3},
                {"operation":"PUT_RECORDS","action":"failRecords","errorMessage":"X","probability":0.1},
                {"operation":"PutRecords","action":"failRecords","errorMessage":"X","positions":[0,2]},
                {"operation":"any","path":"c/s","action":"latency","millis":20},
                {"operation":"SeekShard","action":"throttle","retryAfterSeconds":1,"skip":5},
                {"action":"resetBefore"},{"action":"resetAfter"},{"action":"cutBody"},
                {"action":"killLocation"},{"action":"never"}]
                """;
        Reply put = client.method("PUT", "/_emulator/faults", faults);
        assertThat(put.status()).isEqualTo(200);
        JsonNode shown = client.get("/_emulator/faults").json();
        assertThat(shown).isEqualTo(put.json());
        assertThat(shown.get("faults")).hasSize(10);
        assertThat(shown.at("/faults/4/operation").asText()).isEqualTo("Seek");
        assertThat(emulator.faults().active()).hasSize(10);
        assertThat(client.method("PUT", "/_emulator/faults", shown.toString()).json())
                .as("what is shown can be put")
                .isEqualTo(shown);
        assertThat(client.method("DELETE", "/_emulator/faults", null).status()).isEqualTo(204);
        assertThat(emulator.faults().active()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "7",
                "{}",
                "[7]",
                "[{}]",
                "[{\"action\":\"explode\"}]",
                "[{\"action\":\"never\",\"operation\":\"Nothing\"}]",
                "[{\"action\":\"never\",\"probabilty\":0.1}]",
                "[{\"action\":\"respond\"}]",
                "[{\"action\":\"respond\",\"status\":1000}]",
                "[{\"action\":\"latency\",\"millis\":\"5\"}]",
                "[{\"action\":\"failRecords\",\"errorMessage\":\"X\"}]",
                "{\"seed\":\"x\",\"faults\":[]}",
                "[{\"action\":\"never\"},{\"action\":\"never\",\"times\":0}]"
            })
    void unfitFaultsAreRefusedAndTheOldOnesStay(String faults) throws Exception {
        emulator.faults().add(Fault.on(Operation.GET_ITEM).never());
        Reply reply = client.method("PUT", "/_emulator/faults", faults);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().get("ErrorDetail").asText()).isNotBlank();
        assertThat(emulator.faults().active()).hasSize(1);
    }

    @Test
    void theDeathOfLocationsAndRecordsCanBeOrderedOverHttp() throws Exception {
        client.put("/c/s", 0, "a", "b");
        String location = client.seek("/c/s/0", "LATEST");
        assertThat(client.method("POST", "/_emulator/expire", "{\"stream\":\"c/s\"}").status())
                .isEqualTo(204);
        assertThat(client.read("/c/s/0", location, 1).error()).contains("IllegalLocation");
        assertThat(
                        client.method(
                                        "POST",
                                        "/_emulator/trim",
                                        "{\"stream\":\"c/s\",\"shardId\":0,\"firstRemainingSequenceNumber\":2}")
                                .status())
                .isEqualTo(204);
        assertThat(emulator.stream("c/s").records(0)).hasSize(1);
        assertThat(client.method("POST", "/_emulator/expire", "{\"stream\":\"c/x\"}").status())
                .isEqualTo(404);
        assertThat(client.method("POST", "/_emulator/nothing", "{}").status()).isEqualTo(404);
    }
}
