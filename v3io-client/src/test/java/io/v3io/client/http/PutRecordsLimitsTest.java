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
import io.v3io.client.model.PutRecord;
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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

import static io.v3io.client.testing.Clients.error;
import static io.v3io.client.testing.Clients.get;
import static org.assertj.core.api.Assertions.assertThat;

/** What the platform would refuse does not leave the client. */
class PutRecordsLimitsTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/s");
    private static final int MAX_DATA_BYTES = 1024 * 1024;
    private static final PutRecord GOOD = PutRecord.of(new byte[1]);

    private CannedServer server;
    private V3ioClient client;

    @BeforeEach
    void start() throws IOException {
        server =
                CannedServer.start(
                        (request, connection) ->
                                connection.json(
                                        "{\"FailedRecordCount\": 0, \"Records\":"
                                                + " [{\"SequenceNumber\": 1, \"ShardId\": 0}]}"));
        client = Clients.builder(server.endpoint()).build();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        server.close();
    }

    static Stream<Arguments> overTheLimits() {
        return Stream.of(
                Arguments.of(
                        "a record too many",
                        Collections.nCopies(1_001, GOOD),
                        "1 to 1000 records, not 1001"),
                Arguments.of("no record", List.of(), "1 to 1000 records, not 0"),
                Arguments.of(
                        "a byte of data too many",
                        List.of(GOOD, GOOD, PutRecord.of(new byte[MAX_DATA_BYTES + 1])),
                        "Record 2 of 3 cannot be stored: its data has 1048577 bytes"),
                Arguments.of(
                        "a byte of client info too many",
                        List.of(GOOD, GOOD.withClientInfo(new byte[17])),
                        "Record 1 of 2 cannot be stored: its client info has 17 bytes"),
                Arguments.of(
                        "a character of a key too many",
                        List.of(GOOD.withPartitionKey("k".repeat(257)), GOOD),
                        "Record 0 of 2 cannot be stored: its partition key has 257 characters"),
                Arguments.of(
                        "a byte of a key too many",
                        List.of(GOOD.withPartitionKey("k" + "\u00e9".repeat(128))),
                        "Record 0 of 1 cannot be stored: its partition key has 257 bytes"),
                Arguments.of(
                        "a body of more than 10 MB",
                        // Base64 makes 1.4 MB of each.
                        Collections.nCopies(8, PutRecord.of(new byte[MAX_DATA_BYTES])),
                        "Records 0 to 7 of 8 already take"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("overTheLimits")
    void isRefusedBeforeItIsSent(String name, List<PutRecord> records, String complaint) {
        V3ioException error = error(client.putRecords(STREAM, records));

        assertThat(error.kind()).isEqualTo(Kind.INVALID_ARGUMENT);
        assertThat(error)
                .hasMessageContaining("PutRecords of users/me/s was not sent: ")
                .hasMessageContaining(complaint);
        assertThat(error.neverSent()).isTrue();
        assertThat(error.status()).isEmpty();
        assertThat(client.metrics().failures()).isEqualTo(1);
        assertThat(client.metrics().requests()).isZero();
        assertThat(server.connections()).isZero();
    }

    @Test
    void whatIsExactlyAtTheLimitsIsSent() {
        PutRecord largest =
                PutRecord.of(new byte[MAX_DATA_BYTES])
                        .withClientInfo(new byte[16])
                        .withPartitionKey("\u00e9".repeat(128));
        get(client.putRecords(STREAM, new ArrayList<>(List.of(largest))));
        assertThat(server.requests("PutRecords")).hasSize(1);
    }

    @Test
    void theLargestRecordIsTheOneThatIsSet() {
        try (V3ioClient generous =
                        Clients.builder(server.endpoint()).setMaxRecordBytes(2 << 20).build();
                V3ioClient careful =
                        Clients.builder(server.endpoint()).setMaxRecordBytes(1_000_000).build()) {
            get(generous.putRecords(STREAM, List.of(PutRecord.of(new byte[2 << 20]))));
            assertThat(error(careful.putRecords(STREAM, List.of(PutRecord.of(new byte[1 << 20])))))
                    .hasMessageContaining("the limit is 1000000 (maxRecordBytes)");
        }
    }
}
