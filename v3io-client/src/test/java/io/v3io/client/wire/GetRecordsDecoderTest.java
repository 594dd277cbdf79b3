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

package io.v3io.client.wire;

import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class GetRecordsDecoderTest {

    private static final ShardId SHARD = StreamPath.parse("users/s").shard(3);

    private static final String RECORD =
            "{\"ArrivalTimeSec\": 1700000000, \"ArrivalTimeNSec\": 999999999, \"SequenceNumber\": 41,"
                    + " \"ClientInfo\": \"AQI=\", \"PartitionKey\": \"k\", \"Data\": \"d29sZg==\"}";

    private static final String BATCH =
            "{\"NextLocation\": \"AQAB\", \"MSecBehindLatest\": 12, \"RecordsBehindLatest\": 34,"
                    + " \"Records\": ["
                    + RECORD
                    + "]}";

    @Test
    void readsEveryField() throws Exception {
        RecordBatch batch = decode(BATCH);

        assertThat(batch.nextLocation().text()).isEqualTo("AQAB");
        assertThat(batch.millisBehindLatest()).isEqualTo(12);
        assertThat(batch.recordsBehindLatest()).isEqualTo(34);
        assertThat(batch.bodyBytes()).isEqualTo(BATCH.length());
        StreamRecord record = batch.records().get(0);
        assertThat(record.shard()).isEqualTo(SHARD);
        assertThat(record.sequenceNumber()).isEqualTo(41);
        assertThat(record.arrivalTimeSeconds()).isEqualTo(1700000000);
        assertThat(record.arrivalTimeNanos()).isEqualTo(999999999);
        assertThat(record.partitionKey()).isEqualTo("k");
        assertThat(record.clientInfo()).containsExactly(1, 2);
        assertThat(record.data()).isEqualTo("wolf".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void readsAnyOrderWhiteSpaceUnknownFieldsEscapesAndNulls() throws Exception {
        RecordBatch batch =
                decode(
                        "\n{ \"Records\" :\t[ {\"Data\":\"\",\"New\":{\"a\":[1,{\"Data\":\"x\"}]},"
                                + "\"SequenceNumber\":1,\"PartitionKey\":\"\\u00e9\\\"\\ud83d\\udc3a\",\"ClientInfo\":null,"
                                + "\"ArrivalTimeNSec\":0,\"ArrivalTimeSec\":0},\n"
                                + "{\"\\u0044ata\":\"\\u0041Q==\",\"PartitionKey\":null,\"SequenceNumber\":9223372036854775807,"
                                + "\"ArrivalTimeNSec\":5,\"ArrivalTimeSec\":6} ] ,\"Extra\":[[]],"
                                + "\"RecordsBehindLatest\":0,\"MSecBehindLatest\":0,\"NextLocation\":\"B\"} \n");

        assertThat(batch.records()).hasSize(2);
        StreamRecord first = batch.records().get(0);
        assertThat(first.data()).isEmpty();
        assertThat(first.partitionKey()).isEqualTo("\u00e9\"\ud83d\udc3a");
        assertThat(first.clientInfo()).isNull();
        StreamRecord second = batch.records().get(1);
        assertThat(second.sequenceNumber()).isEqualTo(Long.MAX_VALUE);
        assertThat(second.data()).containsExactly(1);
        assertThat(second.partitionKey()).isNull();
    }

    @Test
    void anEmptyBatchHasALocation() throws Exception {
        RecordBatch batch = decode(BATCH.replace(RECORD, ""));
        assertThat(batch.records()).isEmpty();
        assertThat(batch.nextLocation().text()).isEqualTo("AQAB");
    }

    @ParameterizedTest(name = "{0} -> {1}: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"NextLocation\": \"AQAB\",   | `` | lacks the field NextLocation",
                "\"MSecBehindLatest\": 12,     | `` | lacks the field MSecBehindLatest",
                "\"RecordsBehindLatest\": 34,  | `` | lacks the field RecordsBehindLatest",
                "\"SequenceNumber\": 41,       | `` | lacks the field SequenceNumber of a record",
                "\"ArrivalTimeSec\": 1700000000, | `` | lacks the field ArrivalTimeSec of a record",
                "\"ArrivalTimeNSec\": 999999999, | `` | lacks the field ArrivalTimeNSec of a record",
                ", \"Data\": \"d29sZg==\"      | `` | lacks the field Data of a record",
                "\"AQAB\"     | 7       | NextLocation that is not a text but an integer",
                "\"AQAB\"     | \"\"    | empty NextLocation",
                "\"AQAB\"     | null    | NextLocation that is not a text but null",
                "12           | -1      | MSecBehindLatest outside of its range",
                "34           | \"34\"  | RecordsBehindLatest that is not an integer but a text",
                "34           | 3.5     | RecordsBehindLatest that is not an integer but a fraction",
                "34           | 9223372036854775808 | RecordsBehindLatest outside of its range",
                "41           | 0       | SequenceNumber outside of its range",
                "41           | 99999999999999999999999 | SequenceNumber outside of its range",
                "999999999    | 1000000000 | ArrivalTimeNSec outside of its range",
                "999999999    | -1      | ArrivalTimeNSec outside of its range",
                "1700000000   | 9223372036854775807 | ArrivalTimeSec outside of its range",
                "\"k\"        | 5       | PartitionKey that is not a text but an integer",
                "\"AQI=\"     | {}      | ClientInfo that is not base64 but an object",
                "\"d29sZg==\" | null    | Data that is not base64 but null",
                "\"d29sZg==\" | \"d29_\" | not valid JSON",
                "\"d29sZg==\" | \"d2\"  | not valid JSON",
                "\"d29sZg==\" | \"d29sZg==\", \"Data\": \"\" | Data twice",
                "12           | 12, \"MSecBehindLatest\": 12 | MSecBehindLatest twice",
                "[            | {\"a\": [ | an object where Records must be an array",
                "[            | 5, \"x\": [ | an integer where Records must be an array",
                "[            | [ 5,    | an integer where an element of Records must be an object",
                "]}           | ]} {}   | more than one JSON value",
                "]}           | ]       | ends in the middle"
            })
    void refusesWhatBreaksTheRules(String from, String to, String complaint) {
        String body = BATCH.replaceFirst(Pattern.quote(from), Matcher.quoteReplacement(to));
        assertThat(body).isNotEqualTo(BATCH);
        assertThatThrownBy(() -> decode(body))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessageContaining(complaint)
                .hasMessageNotContaining("d29sZg");
    }

    @Test
    void refusesSequenceNumbersThatDoNotGrow() {
        assertThatThrownBy(() -> decode(BATCH.replace(RECORD, RECORD + "," + RECORD)))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessageContaining("sequence number 41 after 41");
    }

    @Test
    void refusesWhatIsNotAJsonObject() {
        for (String body :
                new String[] {
                    "", " ", "null", "[]", "5", "<html>502</html>", "\u0000", "{\"a\"", "{"
                }) {
            assertThatThrownBy(() -> decode(body))
                    .as(body)
                    .isInstanceOf(MalformedAnswerException.class);
        }
    }

    @Test
    void everyPrefixOfABodyIsRefusedAndNeverTakenForABatch() {
        byte[] body = BATCH.getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < body.length; length++) {
            int cut = length;
            assertThatThrownBy(() -> new GetRecordsDecoder(SHARD).decode(body, cut))
                    .as("%d bytes", cut)
                    .isInstanceOf(MalformedAnswerException.class);
        }
    }

    @Test
    void readsOnlyTheBodyOfALargerArray() throws Exception {
        byte[] body = Arrays.copyOf(BATCH.getBytes(StandardCharsets.UTF_8), BATCH.length() + 100);
        assertThat(new GetRecordsDecoder(SHARD).decode(body, BATCH.length()).records()).hasSize(1);
    }

    private static RecordBatch decode(String body) throws MalformedAnswerException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return new GetRecordsDecoder(SHARD).decode(bytes, bytes.length);
    }
}
