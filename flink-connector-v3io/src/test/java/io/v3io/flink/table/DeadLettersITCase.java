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

package io.v3io.flink.table;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.StoredRecord;
import io.v3io.flink.deadletter.DeadLetter;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.types.Row;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.ArrayList;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(180)
class DeadLettersITCase {

    private static final String STREAM = "users/me/orders";
    private static final String LETTERS = "users/me/orders-dead-letters";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath orders;

    @BeforeEach
    void start() {
        orders = streams.create(STREAM, 1);
    }

    private SqlSession session(String... options) {
        SqlSession session = SqlSession.batch();
        String[] all = new String[options.length + 2];
        System.arraycopy(options, 0, all, 0, options.length);
        all[options.length] = "scan.bounded.mode";
        all[options.length + 1] = "latest";
        session.createTable("orders (a INT)", streams.endpoint(), STREAM, all);
        return session;
    }

    @Test
    void undecodableRecordsAreRowsOfATableOfDeadLetters() throws Exception {
        streams.create(LETTERS, 2);
        streams.putAll(
                orders,
                List.of(
                        PutRecord.of("{\"a\": 1}".getBytes(UTF_8)),
                        PutRecord.of("{\"a\": ".getBytes(UTF_8)).withPartitionKey("ann"),
                        PutRecord.of("{\"a\": 2}".getBytes(UTF_8))));
        SqlSession session =
                session(
                        "scan.on-deserialization-failure",
                        "dead-letter",
                        "scan.dead-letter.stream",
                        LETTERS);

        assertThat(session.rows("SELECT a FROM orders"))
                .containsExactlyInAnyOrder(Row.of(1), Row.of(2));

        session.createTable(
                "letters (`stream` STRING, shard INT, sequence_number BIGINT, arrival_time"
                        + " TIMESTAMP_LTZ(9), partition_key STRING, client_info BYTES, error STRING,"
                        + " reason STRING, part INT, parts INT, data_bytes INT, data BYTES)",
                streams.endpoint(),
                LETTERS,
                "json.timestamp-format.standard",
                "ISO-8601",
                "scan.drop-duplicates",
                "true",
                "scan.bounded.mode",
                "latest");
        assertThat(
                        session.rows(
                                "SELECT `stream`, shard, sequence_number, arrival_time,"
                                        + " partition_key, client_info, error, part, parts, data_bytes,"
                                        + " data FROM letters"))
                .containsExactly(
                        Row.of(
                                STREAM,
                                0,
                                2L,
                                streams.emulator().stream(STREAM).records(0).get(1).arrivalTime(),
                                "ann",
                                null,
                                "java.io.IOException",
                                1,
                                1,
                                6,
                                "{\"a\": ".getBytes(UTF_8)));
        assertThat(session.rows("SELECT reason FROM letters").get(0).toString())
                .contains("Failed to deserialize JSON");
    }

    @Test
    void mistakesAreToldInTheWordsOfOptions() {
        refused(
                "'scan.on-deserialization-failure' with 'dead-letter' needs"
                        + " 'scan.dead-letter.stream'.",
                "scan.on-deserialization-failure",
                "dead-letter");
        refused(
                "'scan.dead-letter.stream' needs 'scan.on-deserialization-failure' with"
                        + " 'dead-letter'.",
                "scan.dead-letter.stream",
                LETTERS);
        refused(
                "Stream users/me/orders is read, and so cannot take the dead letters: each of them"
                        + " would make another one. Correct 'scan.dead-letter.stream'.",
                "scan.on-deserialization-failure",
                "dead-letter",
                "scan.dead-letter.stream",
                STREAM);
        refused(
                "Stream 'users/me/orders-dead-letters' (option 'scan.dead-letter.stream') does not"
                        + " exist on the V3IO platform at "
                        + streams.endpoint()
                        + ". Create it.",
                "scan.on-deserialization-failure",
                "dead-letter",
                "scan.dead-letter.stream",
                LETTERS);
        refused(
                "Option 'scan.dead-letter.stream' = 'letters': ",
                "scan.on-deserialization-failure",
                "dead-letter",
                "scan.dead-letter.stream",
                "letters");
    }

    @ParameterizedTest
    @ValueSource(strings = {"at-least-once", "exactly-once"})
    void rowsThatCanNeverBeStoredAreDeadLettersToo(String guarantee) throws Exception {
        SqlSession session = SqlSession.batch();
        session.createTable(
                "written (a INT, k STRING METADATA FROM 'partition-key')",
                streams.endpoint(),
                STREAM,
                "sink.delivery-guarantee",
                guarantee,
                "sink.on-invalid-record",
                "dead-letter",
                "sink.dead-letter.stream",
                LETTERS,
                "sink.create-stream.shard-count",
                "1");

        session.run(
                "INSERT INTO written VALUES (1, 'ann'), (2, REPEAT('k', 257)), (3, REPEAT('l',"
                        + " 300))");

        assertThat(streams.emulator().stream(STREAM).recordCount()).isEqualTo(1);
        List<DeadLetter> letters = new ArrayList<>();
        for (StoredRecord record : streams.emulator().stream(LETTERS).records(0)) {
            letters.add(DeadLetter.fromJson(record.data()));
        }
        assertThat(letters)
                .extracting(letter -> new String(letter.data(), UTF_8))
                .containsExactlyInAnyOrder("{\"a\":2}", "{\"a\":3}");
        assertThat(letters)
                .extracting(letter -> letter.partitionKey().length())
                .containsExactlyInAnyOrder(257, 300);
        assertThat(letters).extracting(DeadLetter::stream).containsOnly(STREAM);
    }

    @Test
    void mistakesInWritingAreToldInTheWordsOfOptions() {
        refusedToWrite(
                "'sink.on-invalid-record' with 'dead-letter' needs 'sink.dead-letter.stream'.",
                "sink.on-invalid-record",
                "dead-letter");
        refusedToWrite(
                "'sink.dead-letter.stream' needs 'sink.on-invalid-record' with 'dead-letter'",
                "sink.dead-letter.stream",
                LETTERS);
        refusedToWrite(
                "'sink.on-invalid-record' with 'dead-letter' needs 'sink.record.max-size' of at"
                        + " least 64 kb, not 4, so that",
                "sink.on-invalid-record",
                "dead-letter",
                "sink.dead-letter.stream",
                LETTERS,
                "sink.record.max-size",
                "4 b");
        refusedToWrite(
                "Stream 'users/me/orders-dead-letters' (option 'sink.dead-letter.stream') does not"
                        + " exist on the V3IO platform at "
                        + streams.endpoint()
                        + ". Create it, or let the sink do so with 'sink.create-stream.shard-count'"
                        + " = '...'.",
                "sink.on-invalid-record",
                "dead-letter",
                "sink.dead-letter.stream",
                LETTERS);
    }

    private void refusedToWrite(String message, String... options) {
        SqlSession session = session(options);
        assertThatThrownBy(() -> session.explain("INSERT INTO orders VALUES (1)"))
                .hasStackTraceContaining(message);
    }

    private void refused(String message, String... options) {
        SqlSession session = session(options);
        assertThatThrownBy(() -> session.explain("SELECT a FROM orders"))
                .hasStackTraceContaining(message);
    }
}
