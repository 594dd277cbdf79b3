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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import static org.assertj.core.api.Assertions.assertThat;

/** API page sections 2 to 4: streams, put, seek, get. */
class StreamOperationsTest {
    private static final String STREAM = "/users/me/words";

    private V3ioEmulator emulator;
    private RawClient client;

    @BeforeEach
    void start() {
        emulator = V3ioEmulator.builder().start();
        client = new RawClient(emulator.endpoint());
    }

    @AfterEach
    void stop() {
        emulator.close();
    }

    @Test
    void createAnswers204AndDescribeTellsWhatWasCreated() throws Exception {
        Reply created =
                client.function(
                        "CreateStream",
                        STREAM + "/",
                        "{\"ShardCount\":8,\"RetentionPeriodHours\":48}");
        assertThat(created.status()).isEqualTo(204);
        assertThat(created.body()).isEmpty();
        Reply described = client.function("DescribeStream", STREAM + "/", null);
        assertThat(described.status()).isEqualTo(200);
        assertThat(described.json().get("ShardCount").asInt()).isEqualTo(8);
        assertThat(described.json().get("RetentionPeriodHours").asInt()).isEqualTo(48);
    }

    @Test
    void createWithoutAnythingMakesOneShardForADay() throws Exception {
        assertThat(client.function("CreateStream", STREAM + "/", "{}").status()).isEqualTo(204);
        JsonNode described = client.function("DescribeStream", STREAM + "/", null).json();
        assertThat(described.get("ShardCount").asInt()).isEqualTo(1);
        assertThat(described.get("RetentionPeriodHours").asInt()).isEqualTo(24);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"ShardCount\":0}",
                "{\"ShardCount\":4097}",
                "{\"ShardCount\":\"8\"}",
                "{\"ShardCount\":1.5}",
                "{\"RetentionPeriodHours\":0}",
                "{\"RetentionPeriodHours\":8785}",
                "{\"ShardCount\":99999999999999999999}",
                "[1]",
                "{",
                "{} {}"
            })
    void createRefusesWhatIsOutOfRangeOrMalformed(String body) throws Exception {
        Reply reply = client.function("CreateStream", STREAM + "/", body);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("InvalidArgumentException");
        assertThat(reply.code()).isEqualTo(-201326592);
        assertThat(reply.json().get("ErrorDetail").asText()).isNotBlank();
        assertThat(emulator.hasStream("users/me/words")).isFalse();
    }

    @Test
    void largestStreamHas4096ShardsAndAYearOfRetention() throws Exception {
        Reply created =
                client.function(
                        "CreateStream",
                        STREAM + "/",
                        "{\"ShardCount\":4096,\"RetentionPeriodHours\":8784}");
        assertThat(created.status()).isEqualTo(204);
        assertThat(client.put(STREAM, 4095, "x").json().get("FailedRecordCount").asInt()).isZero();
    }

    @Test
    void createOverSomethingIsRefused() throws Exception {
        client.createStream(STREAM, 1);
        Reply again = client.function("CreateStream", STREAM + "/", "{\"ShardCount\":2}");
        assertThat(again.status()).isEqualTo(409);
        assertThat(again.error()).isEqualTo("ResourceInUseException");
        assertThat(client.function("CreateStream", "/users/me/", "{}").error())
                .isEqualTo("ResourceInUseException");
        assertThat(emulator.stream("users/me/words").shardCount()).isEqualTo(1);
    }

    @Test
    void operationsOnAMissingStreamAnswer404() throws Exception {
        for (String function : List.of("DescribeStream", "UpdateStream")) {
            String body = function.startsWith("Describe") ? null : "{\"ShardCount\":2}";
            Reply reply = client.function(function, STREAM + "/", body);
            assertThat(reply.status()).isEqualTo(404);
            assertThat(reply.error()).isEqualTo("ResourceNotFoundException");
        }
        assertThat(client.put(STREAM, 0, "x").error()).isEqualTo("ResourceNotFoundException");
        assertThat(client.function("Seek", STREAM + "/0", "{\"Type\":\"EARLIEST\"}").error())
                .isEqualTo("ResourceNotFoundException");
    }

    @Test
    void somethingElseThanAStreamIsNamedAsSuch() throws Exception {
        client.method("PUT", "/users/me/file", "x");
        Reply put = client.put("/users/me/file", 0, "x");
        assertThat(put.status()).isEqualTo(404);
        assertThat(put.error()).isEqualTo("ResourceNotFoundException");
        Reply update = client.function("UpdateStream", "/users/me/file/", "{\"ShardCount\":2}");
        assertThat(update.status()).isEqualTo(400);
        assertThat(update.error()).isEqualTo("ResourceNotStreamException");
    }

    @Test
    void updateOnlyGrows() throws Exception {
        client.createStream(STREAM, 4);
        assertThat(client.function("UpdateStream", STREAM + "/", "{\"ShardCount\":10}").status())
                .isEqualTo(204);
        for (int count : new int[] {10, 9, 0, -1}) {
            Reply reply =
                    client.function("UpdateStream", STREAM + "/", "{\"ShardCount\":" + count + "}");
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.error()).isEqualTo("InvalidShardCountException");
        }
        assertThat(client.function("UpdateStream", STREAM + "/", "{\"ShardCount\":4097}").status())
                .isEqualTo(400);
        assertThat(client.function("UpdateStream", STREAM + "/", "{}").error())
                .isEqualTo("InvalidArgumentException");
        assertThat(emulator.stream("users/me/words").shardCount()).isEqualTo(10);
    }

    @Test
    void recordsComeBackWithAllTheirParts() throws Exception {
        client.createStream(STREAM, 2);
        String key = "k\\u00e9y \\\"1\\\"\\n";
        Reply put =
                client.function(
                        "PutRecords",
                        STREAM + "/",
                        "{\"Records\":[{\"Data\":\"d29sZg==\",\"ClientInfo\":\"c29tZSBpbmZv\",\"PartitionKey\":\""
                                + key
                                + "\",\"ShardId\":1},{\"Data\":\"\",\"ShardId\":1}]}");
        assertThat(put.status()).isEqualTo(200);
        assertThat(put.json().get("FailedRecordCount").asInt()).isZero();
        assertThat(put.json().get("Records").get(0).get("SequenceNumber").asLong()).isEqualTo(1);
        assertThat(put.json().get("Records").get(0).get("ShardId").asInt()).isEqualTo(1);

        JsonNode got =
                client.read(STREAM + "/1", client.seek(STREAM + "/1", "EARLIEST"), 10).json();
        JsonNode first = got.get("Records").get(0);
        assertThat(RawClient.text(first)).isEqualTo("wolf");
        assertThat(first.get("ClientInfo").asText()).isEqualTo("c29tZSBpbmZv");
        assertThat(first.get("PartitionKey").asText()).isEqualTo("k\u00e9y \"1\"\n");
        assertThat(first.get("SequenceNumber").asLong()).isEqualTo(1);
        assertThat(first.get("ArrivalTimeSec").asLong()).isPositive();
        assertThat(first.get("ArrivalTimeNSec").asLong()).isBetween(0L, 999_999_999L);
        JsonNode second = got.get("Records").get(1);
        assertThat(second.get("Data").asText()).isEmpty();
        assertThat(second.has("ClientInfo")).isFalse();
        assertThat(second.has("PartitionKey")).isFalse();

        StoredRecord stored = emulator.stream("users/me/words").records(1).get(0);
        assertThat(stored.partitionKey()).isEqualTo("k\u00e9y \"1\"\n");
        assertThat(stored.data()).asString().isEqualTo("wolf");
        assertThat(stored.clientInfo()).asString().isEqualTo("some info");
    }

    @Test
    void aShardIdOutsideTheStreamFailsOnlyThatRecord() throws Exception {
        client.createStream(STREAM, 2);
        Reply put =
                client.function(
                        "PutRecords",
                        STREAM + "/",
                        "{\"Records\":[{\"Data\":\"YQ==\",\"ShardId\":0},{\"Data\":\"Yg==\",\"ShardId\":2},"
                                + "{\"Data\":\"Yw==\",\"ShardId\":-1},"
                                + "{\"Data\":\"ZA==\",\"ShardId\":99999999999999999999},"
                                + "{\"Data\":\"ZQ==\",\"ShardId\":0}]}");
        assertThat(put.status()).isEqualTo(200);
        assertThat(put.json().get("FailedRecordCount").asInt()).isEqualTo(3);
        JsonNode results = put.json().get("Records");
        assertThat(results).hasSize(5);
        for (int failed : new int[] {1, 2, 3}) {
            assertThat(results.get(failed).get("ErrorCode").asInt()).isEqualTo(-201326594);
            assertThat(results.get(failed).get("ErrorMessage").asText())
                    .isEqualTo("ShardIDOutOfRangeException");
            assertThat(results.get(failed).has("SequenceNumber")).isFalse();
        }
        assertThat(results.get(0).get("SequenceNumber").asLong()).isEqualTo(1);
        assertThat(results.get(4).get("SequenceNumber").asLong()).isEqualTo(2);
        assertThat(emulator.stream("users/me/words").records(0))
                .extracting(record -> new String(record.data(), StandardCharsets.UTF_8))
                .containsExactly("a", "e");
    }

    @Test
    void aShardIdWinsOverAPartitionKey() throws Exception {
        client.createStream(STREAM, 8);
        int byKey = Assumptions.shardOfPartitionKey("text_0", 8);
        int other = (byKey + 1) % 8;
        Reply put =
                client.function(
                        "PutRecords",
                        STREAM + "/",
                        "{\"Records\":[{\"Data\":\"\",\"PartitionKey\":\"text_0\",\"ShardId\":"
                                + other
                                + "}]}");
        assertThat(put.json().get("Records").get(0).get("ShardId").asInt()).isEqualTo(other);
    }

    @Test
    void recordsWithoutKeyGoRoundRobinOverAllShards() throws Exception {
        client.createStream(STREAM, 5);
        String record = "{\"Data\":\"\"}";
        String records =
                IntStream.range(0, 10).mapToObj(i -> record).collect(Collectors.joining(","));
        JsonNode results =
                client.function("PutRecords", STREAM + "/", "{\"Records\":[" + records + "]}")
                        .json();
        List<Integer> shards = new ArrayList<>();
        results.get("Records").forEach(result -> shards.add(result.get("ShardId").asInt()));
        assertThat(shards.subList(0, 5)).containsExactly(0, 1, 2, 3, 4);
        assertThat(shards.subList(5, 10)).isEqualTo(shards.subList(0, 5));
    }

    @Test
    void partitionKeysMoveOnlyToNewShards() throws Exception {
        client.createStream(STREAM, 8);
        List<Integer> before = shardsOfKeys(500);
        assertThat(shardsOfKeys(500)).as("stable while the count is").isEqualTo(before);
        assertThat(new TreeSet<>(before)).hasSize(8);
        client.function("UpdateStream", STREAM + "/", "{\"ShardCount\":12}");
        List<Integer> after = shardsOfKeys(500);
        int moved = 0;
        for (int i = 0; i < before.size(); i++) {
            if (!after.get(i).equals(before.get(i))) {
                assertThat(after.get(i)).as("key " + i).isGreaterThanOrEqualTo(8);
                moved++;
            }
        }
        assertThat(moved).isBetween(100, 250);
        assertThat(new TreeSet<>(after)).hasSize(12);
        assertThat(shardsOfKeys(500)).as("and they stick").isEqualTo(after);
    }

    private List<Integer> shardsOfKeys(int keys) throws Exception {
        String records =
                IntStream.range(0, keys)
                        .mapToObj(i -> "{\"Data\":\"\",\"PartitionKey\":\"text_" + i + "\"}")
                        .collect(Collectors.joining(","));
        List<Integer> shards = new ArrayList<>();
        client.function("PutRecords", STREAM + "/", "{\"Records\":[" + records + "]}")
                .json()
                .get("Records")
                .forEach(result -> shards.add(result.get("ShardId").asInt()));
        return shards;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|Records",
                "{\"Records\":[]}|Records",
                "{\"Records\":{}}|array",
                "{\"Records\":[1]}|object",
                "{\"Records\":[{}]}|Data",
                "{\"Records\":[{\"Data\":1}]}|Data",
                "{\"Records\":[{\"Data\":\"abc\"}]}|base64",
                "{\"Records\":[{\"Data\":\"ab_-\"}]}|base64",
                "{\"Records\":[{\"Data\":\"=abc\"}]}|base64",
                "{\"Records\":[{\"Data\":\"\",\"ShardId\":\"1\"}]}|ShardId",
                "{\"Records\":[{\"Data\":\"\",\"ShardId\":1.5}]}|ShardId",
                "{\"Records\":[{\"Data\":\"\",\"PartitionKey\":7}]}|PartitionKey",
                "{\"Records\":[{\"Data\":\"\",\"ClientInfo\":\"MDEyMzQ1Njc4OTAxMjM0NTY=\"}]}|ClientInfo",
                "{\"Records\":[{\"Data\":\"\"},|JSON",
                "[]|object",
                "{\"Records\":[{\"Data\":\"\"}]}{}|more than one"
            })
    void unfitPutsFailWholeAndSayWhy(String body, String detail) throws Exception {
        client.createStream(STREAM, 1);
        Reply reply = client.function("PutRecords", STREAM + "/", body);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("InvalidArgumentException");
        assertThat(reply.json().get("ErrorDetail").asText()).contains(detail);
        assertThat(emulator.stream("users/me/words").recordCount()).isZero();
    }

    @Test
    void limitsOfPutRecordsAreExact() throws Exception {
        client.createStream(STREAM, 1);
        String megabyte = RawClient.base64("x".repeat(1 << 20));
        String tooMuch = RawClient.base64("x".repeat((1 << 20) + 1));
        assertThat(putOne("\"Data\":\"" + megabyte + "\"").status()).isEqualTo(200);
        assertThat(putOne("\"Data\":\"" + tooMuch + "\"").status()).isEqualTo(400);
        assertThat(putOne("\"Data\":\"\",\"ClientInfo\":\"MDEyMzQ1Njc4OTAxMjM0NQ==\"").status())
                .isEqualTo(200);
        assertThat(
                        putOne("\"Data\":\"\",\"PartitionKey\":\"" + "\u00e9".repeat(128) + "\"")
                                .status())
                .isEqualTo(200);
        assertThat(
                        putOne("\"Data\":\"\",\"PartitionKey\":\"" + "\u00e9".repeat(128) + "x\"")
                                .status())
                .isEqualTo(400);

        String thousand =
                IntStream.range(0, 1000)
                        .mapToObj(i -> "{\"Data\":\"\"}")
                        .collect(Collectors.joining(","));
        assertThat(
                        client.function(
                                        "PutRecords",
                                        STREAM + "/",
                                        "{\"Records\":[" + thousand + "]}")
                                .status())
                .isEqualTo(200);
        assertThat(
                        client.function(
                                        "PutRecords",
                                        STREAM + "/",
                                        "{\"Records\":[" + thousand + ",{\"Data\":\"\"}]}")
                                .status())
                .isEqualTo(400);

        String body = "{\"Records\":[{\"Data\":\"\"}]}";
        String padded = body + " ".repeat(10 * (1 << 20) - body.length());
        assertThat(client.function("PutRecords", STREAM + "/", padded).status()).isEqualTo(200);
        assertThat(client.function("PutRecords", STREAM + "/", padded + " ").status())
                .isEqualTo(400);
    }

    private Reply putOne(String fields) throws Exception {
        return client.function("PutRecords", STREAM + "/", "{\"Records\":[{" + fields + "}]}");
    }

    @Test
    void aShardIsBornWithItsFirstRecord() throws Exception {
        client.createStream(STREAM, 2);
        for (String type : List.of("EARLIEST", "LATEST")) {
            assertThat(
                            client.function("Seek", STREAM + "/1", "{\"Type\":\"" + type + "\"}")
                                    .status())
                    .isEqualTo(404);
        }
        assertThat(
                        client.function("GetItem", STREAM + "/1", "{\"AttributesToGet\":\"**\"}")
                                .status())
                .isEqualTo(404);
        client.put(STREAM, 0, "x");
        String ofShard0 = client.seek(STREAM + "/0", "EARLIEST");
        assertThat(client.read(STREAM + "/1", ofShard0, 1).status()).isEqualTo(404);
        client.put(STREAM, 1, "y");
        assertThat(client.seek(STREAM + "/1", "EARLIEST")).isNotEmpty();
        assertThat(
                        client.function("GetItem", STREAM + "/1", "{\"AttributesToGet\":\"**\"}")
                                .status())
                .isEqualTo(200);
    }

    @Test
    void aShardOutsideTheStreamIsOutOfRange() throws Exception {
        client.createStream(STREAM, 2);
        Reply reply = client.function("Seek", STREAM + "/2", "{\"Type\":\"EARLIEST\"}");
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("ShardIDOutOfRangeException");
        assertThat(reply.code()).isEqualTo(-201326594);
    }

    @Test
    void aLocationOfTheEndSeesWhatComesLater() throws Exception {
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a", "b");
        String end = client.seek(STREAM + "/0", "LATEST");
        JsonNode nothing = client.read(STREAM + "/0", end, 10).json();
        assertThat(nothing.get("Records")).isEmpty();
        assertThat(nothing.get("RecordsBehindLatest").asLong()).isZero();
        assertThat(nothing.get("MSecBehindLatest").asLong()).isZero();
        client.put(STREAM, 0, "c");
        for (String location : List.of(end, nothing.get("NextLocation").asText())) {
            JsonNode got = client.read(STREAM + "/0", location, 10).json();
            assertThat(got.get("Records")).hasSize(1);
            assertThat(RawClient.text(got.get("Records").get(0))).isEqualTo("c");
        }
    }

    @Test
    void readingGoesOnWhereItStoppedAndCountsWhatIsLeft() throws Exception {
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a", "b", "c", "d", "e");
        String location = client.seek(STREAM + "/0", "EARLIEST");
        List<String> seen = new ArrayList<>();
        List<Long> behind = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            JsonNode got = client.read(STREAM + "/0", location, 2).json();
            got.get("Records").forEach(record -> seen.add(RawClient.text(record)));
            behind.add(got.get("RecordsBehindLatest").asLong());
            location = got.get("NextLocation").asText();
        }
        assertThat(seen).containsExactly("a", "b", "c", "d", "e");
        assertThat(behind).containsExactly(3L, 1L, 0L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    CreateStream   | /users/other | {"ShardCount": 1, "RetentionHours": 1}   | RetentionHours
                    DescribeStream | STREAM   | {"Shards": true}                         | Shards
                    UpdateStream   | STREAM   | {"ShardCount": 2, "Retention": 1}        | Retention
                    Seek           | STREAM/0 | {"Type": "EARLIEST", "Inclusive": true}  | Inclusive
                    GetRecords     | STREAM/0 | {"Location": "LOC", "MaxBytes": 1}       | MaxBytes
                    PutRecords     | STREAM   | {"Records": [{"Data": "YQ=="}], "Sync": 1} | Sync
                    PutRecords     | STREAM   | {"Records": [{"Data": "YQ==", "Time": 1}]} | Time
                    """)
    void aFieldThatIsNotKnownIsRefusedByName(
            String function, String path, String body, String field) throws Exception {
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a");
        String location = client.seek(STREAM + "/0", "EARLIEST");
        Reply reply =
                client.function(
                        function, path.replace("STREAM", STREAM), body.replace("LOC", location));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.json().get("ErrorDetail").asText())
                .contains("field " + field)
                .contains("the emulator does not know");
        assertThat(client.read(STREAM + "/0", location, 10).json().get("Records")).hasSize(1);
    }

    @Test
    void limitIsAThousandUnlessToldOtherwise() throws Exception {
        client.createStream(STREAM, 1);
        String[] texts =
                IntStream.range(0, 1000).mapToObj(Integer::toString).toArray(String[]::new);
        client.put(STREAM, 0, texts);
        client.put(STREAM, 0, texts);
        String location = client.seek(STREAM + "/0", "EARLIEST");
        JsonNode byDefault =
                client.function("GetRecords", STREAM + "/0", "{\"Location\":\"" + location + "\"}")
                        .json();
        assertThat(byDefault.get("Records")).hasSize(1000);
        assertThat(byDefault.get("RecordsBehindLatest").asLong()).isEqualTo(1000);
        assertThat(client.read(STREAM + "/0", location, 1500).json().get("Records")).hasSize(1500);
    }

    @Test
    void anAnswerHasAtMostTenMegabytesOfRecords() throws Exception {
        client.createStream(STREAM, 1);
        String megabyte = "x".repeat(1 << 20);
        for (int i = 0; i < 10; i++) {
            assertThat(client.put(STREAM, 0, megabyte).json().get("FailedRecordCount").asInt())
                    .isZero();
        }
        String location = client.seek(STREAM + "/0", "EARLIEST");
        Reply first = client.read(STREAM + "/0", location, 1000);
        assertThat(first.json().get("Records")).hasSize(7);
        assertThat(first.body().length()).isLessThanOrEqualTo(10 * (1 << 20) + 200);
        assertThat(first.json().get("RecordsBehindLatest").asLong()).isEqualTo(3);
        Reply rest = client.read(STREAM + "/0", first.json().get("NextLocation").asText(), 1000);
        assertThat(rest.json().get("Records")).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"Location\":7}",
                "{\"Location\":\"%%%\"}",
                "{\"Location\":\"LOC\",\"Limit\":0}",
                "{\"Location\":\"LOC\",\"Limit\":\"5\"}"
            })
    void unfitReadsAreInvalidArguments(String body) throws Exception {
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a");
        String location = client.seek(STREAM + "/0", "EARLIEST");
        Reply reply = client.function("GetRecords", STREAM + "/0", body.replace("LOC", location));
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("InvalidArgumentException");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"Type\":\"FIRST\"}",
                "{\"Type\":\"TIME\"}",
                "{\"Type\":\"TIME\",\"TimestampSec\":1}",
                "{\"Type\":\"TIME\",\"TimestampNSec\":1}",
                "{\"Type\":\"TIME\",\"TimestampSec\":1,\"TimestampNSec\":1000000000}",
                "{\"Type\":\"SEQUENCE\"}",
                "{\"Type\":\"SEQUENCE\",\"StartingSequenceNumber\":0}",
                "{\"Type\":\"SEQUENCE\",\"StartingSequenceNumber\":5}"
            })
    void unfitSeeksAreInvalidArguments(String body) throws Exception {
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a", "b", "c");
        Reply reply = client.function("Seek", STREAM + "/0", body);
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.error()).isEqualTo("InvalidArgumentException");
    }

    @Test
    void seekSequenceStartsAtExactlyThatRecord() throws Exception {
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a", "b", "c");
        Reply seek =
                client.function(
                        "SeekShard",
                        STREAM + "/0",
                        "{\"Type\":\"SEQUENCE\",\"StartingSequenceNumber\":2}");
        JsonNode got = client.read(STREAM + "/0", seek.json().get("Location").asText(), 10).json();
        assertThat(got.get("Records")).hasSize(2);
        assertThat(RawClient.text(got.get("Records").get(0))).isEqualTo("b");
    }

    @Test
    void aLocationThatNobodyHandedOutIsIllegal() throws Exception {
        client.createStream(STREAM, 2);
        client.put(STREAM, 0, "a");
        client.put(STREAM, 1, "a");
        String otherShard = client.seek(STREAM + "/1", "EARLIEST");
        for (String location : List.of("AQAAAAAAAAAAAAAAAAAAAQ==", "", otherShard)) {
            Reply reply = client.read(STREAM + "/0", location, 1);
            assertThat(reply.status()).isEqualTo(400);
            assertThat(reply.error()).contains("IllegalLocation");
        }
    }

    @Test
    void streamNameAndShardIdMayBeInTheBody() throws Exception {
        assertThat(
                        client.function("CreateStream", "/users/me/", "{\"StreamName\":\"words\"}")
                                .status())
                .isEqualTo(204);
        assertThat(
                        client.function(
                                        "DescribeStream",
                                        "/users/me/",
                                        "{\"StreamName\":\"words\"}")
                                .json()
                                .get("ShardCount")
                                .asInt())
                .isEqualTo(1);
        client.function(
                "PutRecords",
                "/users/me/",
                "{\"StreamName\":\"words\",\"Records\":[{\"Data\":\"YQ==\"}]}");
        Reply seek =
                client.function(
                        "Seek",
                        "/users/me/",
                        "{\"StreamName\":\"words\",\"ShardId\":0,\"Type\":\"EARLIEST\"}");
        String location = seek.json().get("Location").asText();
        Reply got =
                client.function(
                        "GetRecords",
                        "/users/me/",
                        "{\"StreamName\":\"words\",\"ShardId\":0,\"Location\":\""
                                + location
                                + "\"}");
        assertThat(got.json().get("Records")).hasSize(1);
    }

    @Test
    void shardPathsMayEndInASlashAndPostIsPut() throws Exception {
        client.createStream(STREAM, 1);
        client.put(STREAM, 0, "a");
        Reply withSlash = client.function("Seek", STREAM + "/0/", "{\"Type\":\"EARLIEST\"}");
        assertThat(withSlash.status()).isEqualTo(200);
        Reply posted =
                client.method(
                        "POST",
                        STREAM + "/0",
                        "{\"Type\":\"EARLIEST\"}",
                        "x-V3IO-FUNCTION",
                        "SeekShard");
        assertThat(posted.json()).isEqualTo(withSlash.json());
    }
}
