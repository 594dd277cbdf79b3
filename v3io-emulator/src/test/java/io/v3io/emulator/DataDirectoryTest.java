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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a data directory keeps across an orderly restart, and who may use it. */
class DataDirectoryTest {
    private final ManualClock clock = new ManualClock(Instant.ofEpochSecond(1_700_000_000));

    @TempDir Path dataDir;

    private V3ioEmulator start() {
        return V3ioEmulator.builder()
                .containersOnDemand(true)
                .dataDir(dataDir)
                .clock(clock)
                .start();
    }

    @Test
    void everythingIsThereAfterARestart() throws Exception {
        List<StoredRecord> before;
        String location;
        String verifier;
        try (V3ioEmulator emulator = start()) {
            RawClient client = new RawClient(emulator.endpoint());
            client.createStream("/c/a%20b/s", 4);
            client.function("UpdateStream", "/c/a%20b/s/", "{\"ShardCount\":6}");
            client.createStream("/c/gone", 1);
            client.put("/c/gone", 0, "x");
            assertThat(client.method("DELETE", "/c/gone/0", null).status()).isEqualTo(204);
            assertThat(client.method("DELETE", "/c/gone/", null).status()).isEqualTo(204);
            client.function(
                    "PutRecords",
                    "/c/a%20b/s/",
                    "{\"Records\":[{\"Data\":\"d29sZg==\",\"ClientInfo\":\"aW5mbw==\",\"PartitionKey\":\"\\u00e9\","
                            + "\"ShardId\":5},{\"Data\":\"\",\"ShardId\":5}]}");
            location = client.seek("/c/a%20b/s/5", "LATEST");
            verifier =
                    client.function(
                                    "PutItem",
                                    "/c/a%20b/s/5",
                                    "{\"Item\":{\"__g_committed_sequence_number\":{\"N\":\"2\"}}}")
                            .header("X-v3io-transaction-verifier");
            client.method("PUT", "/c/a%20b/s/g-state.json", "content");
            client.function(
                    "PutItem",
                    "/c/a%20b/s/g-state.json",
                    "{\"Item\":{\"state\":{\"S\":\"{}\"}},\"UpdateMode\":\"CreateOrReplaceAttributes\"}");
            client.method("PUT", "/d/deleted", "x");
            client.method("DELETE", "/d/deleted", null);
            client.method("PUT", "/d/dir/", null);
            before = emulator.stream("c/a b/s").records(5);
        }
        try (V3ioEmulator emulator = start()) {
            RawClient client = new RawClient(emulator.endpoint());
            assertThat(emulator.stream("c/a b/s").shardCount()).isEqualTo(6);
            assertThat(emulator.stream("c/a b/s").records(5)).isEqualTo(before).hasSize(2);
            assertThat(emulator.stream("c/a b/s").committedSequenceNumber("g", 5)).hasValue(2);
            assertThat(emulator.hasStream("c/gone")).isFalse();
            assertThat(client.get("/d/deleted").status()).isEqualTo(404);
            assertThat(client.get("/d?prefix=dir/").status()).isEqualTo(200);
            assertThat(client.get("/c/a%20b/s/g-state.json").body()).isEqualTo("content");
            JsonNode item =
                    client.function(
                                    "GetItem",
                                    "/c/a%20b/s/g-state.json",
                                    "{\"AttributesToGet\":\"*\"}")
                            .json();
            assertThat(item.at("/Item/state/S").asText()).isEqualTo("{}");
            assertThat(
                            client.function(
                                            "PutItem",
                                            "/c/a%20b/s/5",
                                            "{\"Item\":{},\"ConditionExpression\":\""
                                                    + verifier
                                                    + "\"}")
                                    .status())
                    .as("the time of the last change is the same")
                    .isEqualTo(200);
            assertThat(client.function("Seek", "/c/a%20b/s/0", "{\"Type\":\"LATEST\"}").status())
                    .isEqualTo(404);

            JsonNode put = client.put("/c/a%20b/s", 5, "later").json();
            assertThat(put.at("/Records/0/SequenceNumber").asLong()).isEqualTo(3);
            JsonNode got = client.read("/c/a%20b/s/5", location, 10).json();
            assertThat(RawClient.text(got.at("/Records/0")))
                    .as("locations stay alive")
                    .isEqualTo("later");
        }
    }

    @Test
    void whatRetentionTookStaysGoneAndNumbersGoOn() throws Exception {
        String dead;
        String expired;
        try (V3ioEmulator emulator = start()) {
            RawClient client = new RawClient(emulator.endpoint());
            client.createStream("/c/s", 2);
            client.put("/c/s", 0, "a", "b", "c");
            client.put("/c/s", 0, "d");
            client.put("/c/s", 1, "x");
            dead = client.seek("/c/s/0", "EARLIEST");
            expired = client.seek("/c/s/1", "EARLIEST");
            emulator.trimShard("c/s", 0, 3);
            emulator.trimShard("c/s", 1, 2);
            emulator.expireLocations("c/s");
        }
        try (V3ioEmulator emulator = start()) {
            RawClient client = new RawClient(emulator.endpoint());
            assertThat(emulator.stream("c/s").records(0))
                    .extracting(StoredRecord::sequenceNumber)
                    .containsExactly(3L, 4L);
            assertThat(client.read("/c/s/0", dead, 1).error()).contains("IllegalLocation");
            assertThat(client.read("/c/s/1", expired, 1).error()).contains("IllegalLocation");
            assertThat(client.put("/c/s", 1, "y").json().at("/Records/0/SequenceNumber").asLong())
                    .isEqualTo(2);
            clock.advance(Duration.ofHours(25));
            client.put("/c/s", 0, "e");
            assertThat(emulator.stream("c/s").records(0)).hasSize(1);
        }
        try (V3ioEmulator emulator = start()) {
            assertThat(emulator.stream("c/s").records(0))
                    .extracting(StoredRecord::sequenceNumber)
                    .containsExactly(5L);
        }
    }

    @Test
    void aRecreatedStreamHasNothingOfTheOldOne() throws Exception {
        String old;
        try (V3ioEmulator emulator = start()) {
            RawClient client = new RawClient(emulator.endpoint());
            client.createStream("/c/s", 1);
            client.put("/c/s", 0, "old");
            old = client.seek("/c/s/0", "EARLIEST");
            client.method("DELETE", "/c/s/0", null);
            client.put("/c/s", 0, "new");
        }
        try (V3ioEmulator emulator = start()) {
            RawClient client = new RawClient(emulator.endpoint());
            assertThat(emulator.stream("c/s").records(0)).hasSize(1);
            assertThat(emulator.stream("c/s").records(0).get(0).data()).asString().isEqualTo("new");
            assertThat(client.read("/c/s/0", old, 1).error()).contains("IllegalLocation");
        }
    }

    @Test
    void aDirectoryBelongsToOneEmulatorAtATime() {
        try (V3ioEmulator emulator = start()) {
            assertThat(emulator.endpoint()).isNotEmpty();
            assertThatThrownBy(this::start)
                    .isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(dataDir.toString())
                    .hasMessageContaining("in use by another emulator");
        }
        start().close();
    }

    @Test
    void whatIsNoDataDirectoryIsNamed() throws Exception {
        Path file = Files.writeString(dataDir.resolve("file"), "x");
        assertThatThrownBy(
                        () -> V3ioEmulator.builder().containersOnDemand(true).dataDir(file).start())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(file.toString());
        Files.writeString(
                dataDir.resolve("v3io-emulator.sqlite"),
                "no database, but a text that is long enough");
        assertThatThrownBy(this::start)
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining(dataDir.toString());
    }
}
