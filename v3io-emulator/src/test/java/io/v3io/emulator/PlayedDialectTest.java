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

import io.v3io.emulator.DialectSetting.CreateExisting;
import io.v3io.emulator.DialectSetting.Duplicates;
import io.v3io.emulator.DialectSetting.EmptyNextLocation;
import io.v3io.emulator.DialectSetting.IllegalLocation;
import io.v3io.emulator.DialectSetting.KeyWithShardId;
import io.v3io.emulator.DialectSetting.LargestRecord;
import io.v3io.emulator.DialectSetting.LateRequests;
import io.v3io.emulator.DialectSetting.Listing;
import io.v3io.emulator.DialectSetting.ListingNewest;
import io.v3io.emulator.DialectSetting.MissingStream;
import io.v3io.emulator.DialectSetting.OldLocations;
import io.v3io.emulator.DialectSetting.Retention;
import io.v3io.emulator.DialectSetting.RoundRobin;
import io.v3io.emulator.DialectSetting.SeekBeyond;
import io.v3io.emulator.DialectSetting.SeekNext;
import io.v3io.emulator.DialectSetting.SeekRemoved;
import io.v3io.emulator.DialectSetting.SeekUnborn;
import io.v3io.emulator.DialectSetting.SequenceNumbers;
import io.v3io.emulator.DialectSetting.UnfitRecord;
import io.v3io.emulator.RawClient.Reply;

import com.fasterxml.jackson.databind.JsonNode;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every setting of {@link Dialect}, seen from outside. */
class PlayedDialectTest {
    private static final String STREAM = "/users/me/words";
    private static final String SHARD = STREAM + "/0";

    private final ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
    private V3ioEmulator emulator;
    private RawClient client;

    @BeforeEach
    void start() {
        emulator = V3ioEmulator.builder().clock(clock).seed(1).start();
        client = new RawClient(emulator.endpoint());
    }

    @AfterEach
    void stop() {
        emulator.close();
    }

    private void play(DialectSetting choice) {
        emulator.setDialect(emulator.dialect().with(choice));
    }

    private Reply seekSequence(long number) throws Exception {
        return client.function(
                "SeekShard",
                SHARD,
                "{\"Type\":\"SEQUENCE\",\"StartingSequenceNumber\":" + number + "}");
    }

    private List<String> readFrom(Reply seek) throws Exception {
        assertThat(seek.status()).as(seek.body()).isEqualTo(200);
        return texts(client.read(SHARD, seek.json().get("Location").asText(), 100));
    }

    private static List<String> texts(Reply read) {
        assertThat(read.status()).as(read.body()).isEqualTo(200);
        List<String> texts = new ArrayList<>();
        read.json().get("Records").forEach(record -> texts.add(RawClient.text(record)));
        return texts;
    }

    private List<String> stored(int shard) {
        return emulator.stream("users/me/words").records(shard).stream()
                .map(record -> new String(record.data(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Five records, of which the first two are gone. */
    private void putAndTrim() throws Exception {
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a", "b", "c", "d", "e");
        emulator.trimShard("users/me/words", 0, number(2));
    }

    private long number(int position) {
        return emulator.stream("users/me/words").records(0).get(position).sequenceNumber();
    }

    @ParameterizedTest
    @EnumSource(SequenceNumbers.class)
    void theNumberAfterTheNewestLeadsToTheEnd(SequenceNumbers numbers) throws Exception {
        play(numbers);
        putAndTrim();
        long newest = number(2);
        Reply seek = seekSequence(newest + 1);
        assertThat(readFrom(seek)).isEmpty();
        client.put(STREAM, 0, "f");
        assertThat(readFrom(seek)).containsExactly("f");
        assertThat(readFrom(seekSequence(newest + 1))).containsExactly("f");
    }

    @ParameterizedTest
    @EnumSource(SequenceNumbers.class)
    void itDoesSoWhenAllRecordsHaveGone(SequenceNumbers numbers) throws Exception {
        play(numbers);
        putAndTrim();
        long newest = number(2);
        emulator.trimShard("users/me/words", 0, newest + 1);
        assertThat(stored(0)).isEmpty();
        Reply seek = seekSequence(newest + 1);
        assertThat(readFrom(seek)).isEmpty();
        client.put(STREAM, 0, "f");
        assertThat(readFrom(seek)).containsExactly("f");
    }

    @ParameterizedTest
    @EnumSource(SequenceNumbers.class)
    void itMayBeRefused(SequenceNumbers numbers) throws Exception {
        play(numbers);
        play(SeekNext.ERROR);
        putAndTrim();
        Reply refused = seekSequence(number(2) + 1);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.error()).isEqualTo("InvalidArgumentException");
        assertThat(readFrom(seekSequence(number(2)))).containsExactly("e");
    }

    @ParameterizedTest
    @CsvSource({"ERROR,", "END,''", "OLDEST,cde"})
    void aRemovedNumber(SeekRemoved choice, String read) throws Exception {
        play(choice);
        putAndTrim();
        for (long removed : new long[] {1, 2}) {
            if (read == null) {
                assertThat(seekSequence(removed).status()).isEqualTo(400);
            } else {
                assertThat(String.join("", readFrom(seekSequence(removed)))).isEqualTo(read);
            }
        }
        assertThat(readFrom(seekSequence(4))).containsExactly("d", "e");
    }

    @ParameterizedTest
    @CsvSource({"ERROR,", "END,''", "OLDEST,cde"})
    void aNumberFarBeyond(SeekBeyond choice, String read) throws Exception {
        play(choice);
        putAndTrim();
        for (long beyond : new long[] {7, Long.MAX_VALUE}) {
            if (read == null) {
                assertThat(seekSequence(beyond).status()).isEqualTo(400);
            } else {
                assertThat(String.join("", readFrom(seekSequence(beyond)))).isEqualTo(read);
            }
        }
    }

    @Test
    void numbersMayHaveGapsAndABeginningOfTheirOwn() throws Exception {
        play(SequenceNumbers.GAPS);
        client.createStream(STREAM, 1);
        Set<Long> steps = new HashSet<>();
        long last = 0;
        for (int i = 0; i < 100; i++) {
            long answered =
                    client.put(STREAM, 0, "r" + i).json().at("/Records/0/SequenceNumber").asLong();
            assertThat(number(i)).isEqualTo(answered).isGreaterThan(last);
            steps.add(answered - last);
            last = answered;
        }
        assertThat(number(0)).isGreaterThan(1L << 32);
        assertThat(steps).contains(1L, 9L);
        assertThat(readFrom(seekSequence(number(50)))).hasSize(50).startsWith("r50");
        emulator.trimShard("users/me/words", 0, number(50));
        assertThat(stored(0)).hasSize(50).startsWith("r50");
        assertThat(client.get("/users/?prefix=me/words/").body())
                .contains("<LastSequenceId>" + last + "</LastSequenceId>");
        JsonNode item =
                client.function("GetItem", SHARD, "{\"AttributesToGet\":\"__last_sequence_num\"}")
                        .json();
        assertThat(item.at("/Item/__last_sequence_num/N").asLong()).isEqualTo(last);
    }

    @Test
    void aNumberInAGapIsAsTheOneAfterTheNewest() throws Exception {
        play(SequenceNumbers.GAPS);
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a", "b", "c", "d", "e", "f");
        int beforeGap = 0;
        while (number(beforeGap) + 1 == number(beforeGap + 1)) {
            beforeGap++;
        }
        assertThat(readFrom(seekSequence(number(beforeGap) + 1))).hasSize(5 - beforeGap);
        play(SeekNext.ERROR);
        assertThat(seekSequence(number(beforeGap) + 1).status()).isEqualTo(400);
    }

    @Test
    void aShardKeepsTheNumberingItWasBornWith(@TempDir Path dataDir) throws Exception {
        stop();
        List<StoredRecord> before;
        try (V3ioEmulator first =
                V3ioEmulator.builder()
                        .dataDir(dataDir)
                        .dialect(Dialect.DEFAULT.with(SequenceNumbers.GAPS))
                        .start()) {
            RawClient writer = new RawClient(first.endpoint());
            writer.createStream(STREAM, 1);
            writer.put(STREAM, 0, "a", "b");
            before = first.stream("users/me/words").records(0);
        }
        emulator = V3ioEmulator.builder().dataDir(dataDir).start();
        client = new RawClient(emulator.endpoint());
        client.put(STREAM, 0, "c");
        List<StoredRecord> after = emulator.stream("users/me/words").records(0);
        assertThat(after.subList(0, 2)).isEqualTo(before);
        assertThat(after.get(2).sequenceNumber())
                .isGreaterThan(before.get(1).sequenceNumber())
                .isLessThan(before.get(1).sequenceNumber() + 10);
        assertThat(readFrom(seekSequence(before.get(1).sequenceNumber())))
                .containsExactly("b", "c");
    }

    @ParameterizedTest
    @EnumSource(ListingNewest.class)
    void aListingSpellsTheNewestNumberInOneWay(ListingNewest choice) throws Exception {
        play(choice);
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a", "b");
        String xml = client.get("/users/?prefix=me/words/").body();
        for (String element : List.of("LastSequenceId", "LastSequenceID")) {
            assertThat(xml.contains("<" + element + ">2</" + element + ">"))
                    .as(element)
                    .isEqualTo(choice.value().equals(element));
        }
    }

    @ParameterizedTest
    @CsvSource({"NOT_FOUND,404", "BAD_REQUEST,400"})
    void anUnbornShardIsNotFound(SeekUnborn choice, int status) throws Exception {
        play(choice);
        client.createStream(STREAM, 1);
        Reply reply = client.function("SeekShard", SHARD, "{\"Type\":\"EARLIEST\"}");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.error()).isEqualTo("ResourceNotFoundException");
    }

    @ParameterizedTest
    @CsvSource({"EARLIEST", "LATEST"})
    void orItIsEmptyAndItsFirstRecordsAreReadFromThere(String type) throws Exception {
        play(SeekUnborn.END);
        client.createStream(STREAM, 1);
        String location = client.seek(SHARD, type);
        Reply empty = client.read(SHARD, location, 10);
        assertThat(texts(empty)).isEmpty();
        client.put(STREAM, 0, "a");
        assertThat(texts(client.read(SHARD, empty.json().get("NextLocation").asText(), 10)))
                .containsExactly("a");
    }

    @ParameterizedTest
    @CsvSource({"NOT_FOUND,404", "BAD_REQUEST,400"})
    void aMissingStream(MissingStream choice, int status) throws Exception {
        play(choice);
        Map<String, String> bodies =
                Map.of(
                        "DescribeStream",
                        "{}",
                        "UpdateStream",
                        "{\"ShardCount\":2}",
                        "PutRecords",
                        "{\"Records\":[{\"Data\":\"\"}]}");
        for (Map.Entry<String, String> request : bodies.entrySet()) {
            Reply reply = client.function(request.getKey(), STREAM + "/", request.getValue());
            assertThat(reply.status()).as(request.getKey()).isEqualTo(status);
            assertThat(reply.error()).as(request.getKey()).isEqualTo("ResourceNotFoundException");
        }
    }

    @ParameterizedTest
    @CsvSource({"CONFLICT,409", "BAD_REQUEST,400"})
    void aStreamThatExists(CreateExisting choice, int status) throws Exception {
        play(choice);
        client.createStream(STREAM, 1);
        Reply reply = client.function("CreateStream", STREAM + "/", "{}");
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.error()).isEqualTo("ResourceInUseException");
    }

    @ParameterizedTest
    @EnumSource(IllegalLocation.class)
    void aDeadLocation(IllegalLocation choice) throws Exception {
        play(choice);
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a");
        String location = client.seek(SHARD, "EARLIEST");
        emulator.expireLocations("users/me/words");
        assertThat(client.read(SHARD, location, 1).error()).isEqualTo(choice.value());
    }

    @ParameterizedTest
    @EnumSource(LargestRecord.class)
    void theLargestRecord(LargestRecord choice) throws Exception {
        play(choice);
        client.createStream(STREAM, 1);
        assertThat(client.put(STREAM, 0, "x".repeat(choice.bytes())).status()).isEqualTo(200);
        Reply tooLarge = client.put(STREAM, 0, "x".repeat(choice.bytes() + 1));
        assertThat(tooLarge.status()).isEqualTo(400);
        play(UnfitRecord.RECORD);
        Reply one = client.put(STREAM, 0, "a", "x".repeat(choice.bytes() + 1), "b");
        assertThat(one.json().get("FailedRecordCount").asInt()).isEqualTo(1);
        assertThat(one.json().at("/Records/1/ErrorMessage").asText())
                .isEqualTo("InvalidArgumentException");
        assertThat(one.json().at("/Records/1/ErrorCode").asInt()).isEqualTo(-201326592);
        assertThat(stored(0)).hasSize(3).endsWith("a", "b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1",
                "[{\"a\":1}]",
                "{}",
                "{\"Data\":{\"a\":[1]},\"ShardId\":0}",
                "{\"Data\":\"abc\"}",
                "{\"Data\":\"\",\"ShardId\":\"1\"}",
                "{\"Data\":\"\",\"ShardId\":[1]}",
                "{\"Data\":\"\",\"PartitionKey\":{\"x\":7}}",
                "{\"Data\":\"\",\"ClientInfo\":\"MDEyMzQ1Njc4OTAxMjM0NTY=\"}"
            })
    void onlyAnUnfitRecordFails(String record) throws Exception {
        play(UnfitRecord.RECORD);
        client.createStream(STREAM, 1);
        String good = "{\"Data\":\"YQ==\",\"ShardId\":0}";
        Reply reply =
                client.function(
                        "PutRecords",
                        STREAM + "/",
                        "{\"Records\":[" + good + "," + record + "," + good + "]}");
        assertThat(reply.status()).as(reply.body()).isEqualTo(200);
        assertThat(reply.json().get("FailedRecordCount").asInt()).isEqualTo(1);
        assertThat(reply.json().at("/Records/1").has("ErrorCode")).isTrue();
        assertThat(reply.json().at("/Records/2/SequenceNumber").asLong()).isEqualTo(2);
        assertThat(stored(0)).containsExactly("a", "a");
    }

    @Test
    void retentionInChunksRemovesWholeChunksOnly() throws Exception {
        play(Retention.CHUNKS);
        createForAnHour();
        for (int i = 0; i < 40; i++) {
            client.put(STREAM, 0, "old" + i);
        }
        clock.advance(Duration.ofHours(2));
        client.put(STREAM, 0, "new");
        assertThat(stored(0)).hasSize(9).startsWith("old32").endsWith("new");
    }

    @Test
    void retentionMayWaitUntilRoomIsNeeded() throws Exception {
        stop();
        emulator =
                V3ioEmulator.builder()
                        .clock(clock)
                        .recordMemory(8 << 20)
                        .dialect(Dialect.DEFAULT.with(Retention.LAZY))
                        .start();
        client = new RawClient(emulator.endpoint());
        createForAnHour();
        String text = "x".repeat(600_000);
        client.put(STREAM, 0, text);
        client.put(STREAM, 1, text);
        clock.advance(Duration.ofHours(2));
        client.put(STREAM, 0, "new");
        assertThat(stored(0)).as("nothing needs the room").hasSize(2);
        for (int i = 0; i < 5; i++) {
            assertThat(client.put(STREAM, 0, text).json().get("FailedRecordCount").asInt())
                    .isZero();
        }
        assertThat(stored(1)).as("the other shard gave its room").isEmpty();
        assertThat(stored(0)).startsWith("new");
    }

    private void createForAnHour() throws IOException, InterruptedException {
        client.function(
                "CreateStream", STREAM + "/", "{\"ShardCount\":2,\"RetentionPeriodHours\":1}");
    }

    @ParameterizedTest
    @EnumSource(OldLocations.class)
    void locationsOfAnEarlierStreamOfTheName(OldLocations choice) throws Exception {
        play(choice);
        client.createStream(STREAM, 2);
        client.put(STREAM, 0, "a", "b", "c");
        String first = client.seek(SHARD, "EARLIEST");
        String end = client.seek(SHARD, "LATEST");
        client.method("DELETE", SHARD, null);
        client.method("DELETE", STREAM + "/", null);
        client.createStream(STREAM, 2);
        client.put(STREAM, 0, "x");
        client.put(STREAM, 1, "other shard");
        assertThat(client.read(STREAM + "/1", first, 10).error()).contains("IllegalLocation");
        Reply fromFirst = client.read(SHARD, first, 10);
        if (choice == OldLocations.DIE) {
            assertThat(fromFirst.error()).contains("IllegalLocation");
            return;
        }
        assertThat(texts(fromFirst)).containsExactly("x");
        Reply fromEnd = client.read(SHARD, end, 10);
        assertThat(texts(fromEnd)).isEmpty();
        assertThat(fromEnd.json().get("RecordsBehindLatest").asInt()).isZero();
        client.put(STREAM, 0, "y", "z", "beyond");
        String next = fromEnd.json().get("NextLocation").asText();
        assertThat(texts(client.read(SHARD, next, 10))).containsExactly("beyond");
    }

    @Test
    void roundRobinBeginsAtShardZeroOrAnywhere() throws Exception {
        Set<Integer> firsts = new HashSet<>();
        for (int i = 0; i < 20; i++) {
            assertThat(shardOfFirstRecord(STREAM + i)).isZero();
        }
        play(RoundRobin.ANYWHERE);
        for (int i = 20; i < 40; i++) {
            firsts.add(shardOfFirstRecord(STREAM + i));
        }
        assertThat(firsts).hasSizeGreaterThan(3);
    }

    private int shardOfFirstRecord(String stream) throws Exception {
        client.createStream(stream, 8);
        return client.function("PutRecords", stream + "/", "{\"Records\":[{\"Data\":\"\"}]}")
                .json()
                .at("/Records/0/ShardId")
                .asInt();
    }

    @ParameterizedTest
    @EnumSource(KeyWithShardId.class)
    void theKeyOfARecordThatAlsoHasAShardId(KeyWithShardId choice) throws Exception {
        play(choice);
        client.createStream(STREAM, 1);
        String records =
                "{\"Data\":\"\",\"ShardId\":0,\"PartitionKey\":\"k\"},"
                        + "{\"Data\":\"\",\"PartitionKey\":\"k\"}";
        client.function("PutRecords", STREAM + "/", "{\"Records\":[" + records + "]}");
        assertThat(emulator.stream("users/me/words").records(0))
                .extracting(StoredRecord::partitionKey)
                .containsExactly(choice == KeyWithShardId.STORED ? "k" : null, "k");
    }

    @ParameterizedTest
    @EnumSource(EmptyNextLocation.class)
    void theNextLocationOfAnEmptyAnswer(EmptyNextLocation choice) throws Exception {
        play(choice);
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a");
        String location = client.seek(SHARD, "LATEST");
        Set<String> seen = new HashSet<>(Set.of(location));
        for (int i = 0; i < 3; i++) {
            location = client.read(SHARD, location, 1).json().get("NextLocation").asText();
            seen.add(location);
        }
        assertThat(seen).hasSize(choice == EmptyNextLocation.SAME ? 1 : 4);
        client.put(STREAM, 0, "b");
        assertThat(texts(client.read(SHARD, location, 1))).containsExactly("b");
        assertThat(location).endsWith("==");
    }

    @Test
    void aListingMayBeRefused() throws Exception {
        client.createStream(STREAM, 1);
        play(Listing.REFUSED);
        Reply refused = client.get("/users/?prefix=me/words/");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.code()).isEqualTo(-13);
        assertThat(client.function("DescribeStream", STREAM + "/", null).status()).isEqualTo(200);
        assertThat(client.put(STREAM, 0, "a").status()).isEqualTo(200);
    }

    @Test
    void thePlatformMayStoreRecordsTwiceByItself() throws Exception {
        play(Duplicates.SOME);
        client.createStream(STREAM, 1);
        List<Long> answered = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            client.put(STREAM, 0, "a" + i, "b" + i)
                    .json()
                    .get("Records")
                    .forEach(record -> answered.add(record.get("SequenceNumber").asLong()));
        }
        List<StoredRecord> records = emulator.stream("users/me/words").records(0);
        assertThat(records).hasSizeBetween(204, 260);
        assertThat(records)
                .extracting(StoredRecord::sequenceNumber)
                .doesNotHaveDuplicates()
                .isSorted();
        for (int i = 0; i < 200; i++) {
            String text = (i % 2 == 0 ? "a" : "b") + i / 2;
            assertThat(stored(0).get((int) (answered.get(i) - 1))).isEqualTo(text);
        }
        assertThat(new HashSet<>(stored(0))).hasSize(200);
    }

    @Test
    void aFaultStoresRecordsTwice() throws Exception {
        client.createStream(STREAM, 2);
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).duplicate().times(1));
        Reply put = client.put(STREAM, 0, "a", "b");
        assertThat(put.json().at("/Records/1/SequenceNumber").asInt()).isEqualTo(2);
        client.put(STREAM, 0, "c");
        assertThat(stored(0)).containsExactly("a", "b", "a", "b", "c");
        assertThatThrownBy(() -> emulator.faults().add(Fault.on(Operation.GET_RECORDS).duplicate()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aFaultLetsARequestLandLate() throws Exception {
        client.createStream(STREAM, 1);
        emulator.faults()
                .add(Fault.on(Operation.PUT_RECORDS).landLate(Duration.ofMillis(300)).times(1));
        assertThatThrownBy(() -> client.put(STREAM, 0, "late")).isInstanceOf(IOException.class);
        client.put(STREAM, 0, "again");
        Awaitility.await().until(() -> stored(0).size() == 2);
        assertThat(stored(0)).containsExactly("again", "late");
    }

    @ParameterizedTest
    @EnumSource(LateRequests.class)
    void aRequestOfUnknownFate(LateRequests choice) throws Exception {
        play(choice);
        client.createStream(STREAM, 1);
        emulator.faults().add(Fault.on(Operation.PUT_RECORDS).resetBefore().times(3));
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> client.put(STREAM, 0, "x")).isInstanceOf(IOException.class);
        }
        if (choice == LateRequests.LAND) {
            Awaitility.await().until(() -> stored(0).size() == 3);
        } else {
            client.put(STREAM, 0, "y");
            assertThat(stored(0)).containsExactly("y");
        }
    }

    @Test
    void theDialectIsSetOverHttpAsOneFlatObject() throws Exception {
        JsonNode present = client.get("/_emulator/dialect").json();
        assertThat(present.properties()).hasSize(DialectSetting.all().size());
        assertThat(present.get("seek-next").asText()).isEqualTo("end");
        Reply set =
                client.method(
                        "PUT",
                        "/_emulator/dialect",
                        "{\"dialect\":\"hostile\",\"duplicates\":\"none\"}");
        assertThat(set.status()).isEqualTo(200);
        assertThat(emulator.dialect()).isEqualTo(Dialect.HOSTILE.with(Duplicates.NONE));
        assertThat(client.get("/_emulator/state").json().get("dialect").asText())
                .isEqualTo(emulator.dialect().toString());
        Reply unknown = client.method("PUT", "/_emulator/dialect", "{\"seek-next\":\"never\"}");
        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.json().get("ErrorDetail").asText()).contains("end, error");
        assertThat(emulator.dialect()).isEqualTo(Dialect.HOSTILE.with(Duplicates.NONE));
        client.method("PUT", "/_emulator/dialect", "{}");
        assertThat(emulator.dialect()).isEqualTo(Dialect.DEFAULT);
    }
}
