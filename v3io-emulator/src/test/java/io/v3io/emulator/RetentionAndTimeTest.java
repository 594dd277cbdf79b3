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

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.StreamSupport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Arrival times, TIME seeks, retention and the death of locations: API page sections 4 and 6. */
class RetentionAndTimeTest {
    private static final Instant START = Instant.ofEpochSecond(1_700_000_000, 500);
    private static final String STREAM = "/c/s";

    private final ManualClock clock = new ManualClock(START);
    private V3ioEmulator emulator;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        emulator = V3ioEmulator.builder().containersOnDemand(true).clock(clock).start();
        client = new RawClient(emulator.endpoint());
        assertThat(
                        client.function(
                                        "CreateStream",
                                        STREAM + "/",
                                        "{\"ShardCount\":2,\"RetentionPeriodHours\":1}")
                                .status())
                .isEqualTo(204);
    }

    @AfterEach
    void stop() {
        emulator.close();
    }

    private void putEverySecond(String... texts) throws Exception {
        for (String text : texts) {
            client.put(STREAM, 0, text);
            clock.advance(Duration.ofSeconds(1));
        }
    }

    private List<String> readFrom(String location) throws Exception {
        JsonNode records = client.read(STREAM + "/0", location, 100).json().get("Records");
        return StreamSupport.stream(records.spliterator(), false).map(RawClient::text).toList();
    }

    private String seekTime(Instant time) throws Exception {
        Reply reply =
                client.function(
                        "SeekShard",
                        STREAM + "/0",
                        String.format(
                                "{\"Type\":\"TIME\",\"TimestampSec\":%d,\"TimestampNSec\":%d}",
                                time.getEpochSecond(), time.getNano()));
        assertThat(reply.status()).isEqualTo(200);
        return reply.json().get("Location").asText();
    }

    @Test
    void recordsCarryTheTimeOfTheirArrival() throws Exception {
        client.put(STREAM, 0, "a");
        JsonNode record =
                client.read(STREAM + "/0", client.seek(STREAM + "/0", "EARLIEST"), 1)
                        .json()
                        .at("/Records/0");
        assertThat(record.get("ArrivalTimeSec").asLong()).isEqualTo(1_700_000_000);
        assertThat(record.get("ArrivalTimeNSec").asLong()).isEqualTo(500);
        assertThat(emulator.stream("c/s").records(0).get(0).arrivalTime()).isEqualTo(START);
    }

    @Test
    void arrivalTimesNeverGoBackWithinAShard() throws Exception {
        client.put(STREAM, 0, "a");
        clock.advance(Duration.ofSeconds(-10));
        client.put(STREAM, 0, "b");
        client.put(STREAM, 1, "other shard");
        List<StoredRecord> records = emulator.stream("c/s").records(0);
        assertThat(records.get(1).arrivalTime()).isEqualTo(START);
        assertThat(emulator.stream("c/s").records(1).get(0).arrivalTime())
                .isEqualTo(START.minusSeconds(10));
    }

    @Test
    void seekTimeIsInclusiveAndEndsBehindTheNewest() throws Exception {
        putEverySecond("a", "b", "c");
        assertThat(readFrom(seekTime(START.minusSeconds(100)))).containsExactly("a", "b", "c");
        assertThat(readFrom(seekTime(START))).containsExactly("a", "b", "c");
        assertThat(readFrom(seekTime(START.plusNanos(1)))).containsExactly("b", "c");
        assertThat(readFrom(seekTime(START.plusSeconds(2)))).containsExactly("c");
        String end = seekTime(START.plusSeconds(2).plusNanos(1));
        assertThat(readFrom(end)).isEmpty();
        assertThat(seekTime(Instant.ofEpochSecond(Long.MAX_VALUE / 1_000_000_000))).isEqualTo(end);
        putEverySecond("d");
        assertThat(readFrom(end)).containsExactly("d");
    }

    @Test
    void aTimeSoLateThatNoClockShowsItIsTheEnd() throws Exception {
        putEverySecond("a");
        Reply reply =
                client.function(
                        "Seek",
                        STREAM + "/0",
                        "{\"Type\":\"TIME\",\"TimestampSec\":9223372036854775807,\"TimestampNSec\":0}");
        assertThat(readFrom(reply.json().get("Location").asText())).isEmpty();
    }

    @Test
    void millisBehindLatestIsTheDistanceOfArrivals() throws Exception {
        putEverySecond("a", "b", "c", "d");
        String location = client.seek(STREAM + "/0", "EARLIEST");
        JsonNode two = client.read(STREAM + "/0", location, 2).json();
        assertThat(two.get("MSecBehindLatest").asLong()).isEqualTo(2000);
        assertThat(two.get("RecordsBehindLatest").asLong()).isEqualTo(2);
        JsonNode all = client.read(STREAM + "/0", location, 4).json();
        assertThat(all.get("MSecBehindLatest").asLong()).isZero();
    }

    @Test
    void retentionRemovesTheOldestWhenNewRecordsArrive() throws Exception {
        putEverySecond("a", "b", "c");
        String first = client.seek(STREAM + "/0", "EARLIEST");
        String third =
                client.function(
                                "Seek",
                                STREAM + "/0",
                                "{\"Type\":\"SEQUENCE\",\"StartingSequenceNumber\":3}")
                        .json()
                        .get("Location")
                        .asText();
        clock.set(START.plus(Duration.ofHours(1)).plusSeconds(1).plusNanos(1));
        client.put(STREAM, 1, "another shard");
        assertThat(readFrom(first)).as("nothing new in this shard").containsExactly("a", "b", "c");

        client.put(STREAM, 0, "d");
        Reply dead = client.read(STREAM + "/0", first, 10);
        assertThat(dead.status()).isEqualTo(400);
        assertThat(dead.error()).contains("IllegalLocation");
        assertThat(readFrom(third)).as("its record is still there").containsExactly("c", "d");
        assertThat(readFrom(client.seek(STREAM + "/0", "EARLIEST"))).containsExactly("c", "d");
        for (int gone : new int[] {1, 2}) {
            assertThat(
                            client.function(
                                            "Seek",
                                            STREAM + "/0",
                                            "{\"Type\":\"SEQUENCE\",\"StartingSequenceNumber\":"
                                                    + gone
                                                    + "}")
                                    .status())
                    .isEqualTo(400);
        }
        assertThat(readFrom(seekTime(START))).containsExactly("c", "d");
    }

    @Test
    void sequenceNumbersGoOnAfterEverythingWasRemoved() throws Exception {
        putEverySecond("a", "b");
        String end = client.seek(STREAM + "/0", "LATEST");
        emulator.trimShard("c/s", 0, Long.MAX_VALUE);
        assertThat(emulator.stream("c/s").records(0)).isEmpty();
        assertThat(readFrom(client.seek(STREAM + "/0", "EARLIEST"))).isEmpty();
        Reply put = client.put(STREAM, 0, "c");
        assertThat(put.json().at("/Records/0/SequenceNumber").asLong()).isEqualTo(3);
        assertThat(readFrom(end)).containsExactly("c");
    }

    @Test
    void trimmingKillsLocationsOfWhatIsGone() throws Exception {
        putEverySecond("a", "b", "c");
        String first = client.seek(STREAM + "/0", "EARLIEST");
        emulator.trimShard("c/s", 0, 3);
        assertThat(client.read(STREAM + "/0", first, 1).error()).contains("IllegalLocation");
        assertThat(emulator.stream("c/s").records(0)).hasSize(1);
        assertThat(emulator.stream("c/s").records(0).get(0).sequenceNumber()).isEqualTo(3);
    }

    @Test
    void expiredLocationsAreDeadAndNewOnesLive() throws Exception {
        putEverySecond("a");
        String before = client.seek(STREAM + "/0", "EARLIEST");
        emulator.expireLocations("c/s");
        assertThat(client.read(STREAM + "/0", before, 1).error()).contains("IllegalLocation");
        assertThat(readFrom(client.seek(STREAM + "/0", "EARLIEST"))).containsExactly("a");
        assertThatThrownBy(() -> emulator.expireLocations("c/other"))
                .isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void putItemMovesTheTimeEvenWhenTheClockStands() throws Exception {
        client.put(STREAM, 0, "a");
        String put = "{\"Item\":{\"a\":{\"N\":\"1\"}}}";
        String first =
                client.function("PutItem", STREAM + "/0", put)
                        .header("X-v3io-transaction-verifier");
        String second =
                client.function("PutItem", STREAM + "/0", put)
                        .header("X-v3io-transaction-verifier");
        assertThat(first).isEqualTo("__mtime_secs==1700000000 and __mtime_nsecs==501");
        assertThat(second).isEqualTo("__mtime_secs==1700000000 and __mtime_nsecs==502");
    }

    @Test
    void theClockCanBeMovedOverHttp() throws Exception {
        Reply moved = client.method("POST", "/_emulator/clock", "{\"advanceMillis\":5000}");
        assertThat(moved.json().get("now").asText()).isEqualTo(START.plusSeconds(5).toString());
        client.put(STREAM, 0, "a");
        assertThat(emulator.stream("c/s").records(0).get(0).arrivalTime())
                .isEqualTo(START.plusSeconds(5));
    }
}
