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

import io.v3io.client.model.PutResult;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class PutRecordsDecoderTest {

    @Test
    void readsStoredAndFailedRecordsInOrder() throws Exception {
        assertThat(
                        decode(
                                3,
                                "{\"FailedRecordCount\": 1, \"Records\": [{\"SequenceNumber\": 5, \"ShardId\": 2},"
                                        + " {\"ErrorCode\": -201326594, \"ErrorMessage\": \"ShardIDOutOfRangeException\"},"
                                        + " {\"ErrorCode\": 0, \"x\": [], \"ShardId\": 0, \"SequenceNumber\": 1}]}"))
                .containsExactly(
                        new PutResult.Stored(2, 5),
                        new PutResult.Failed(-201326594, "ShardIDOutOfRangeException"),
                        new PutResult.Stored(0, 1));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"Records\": []} | lacks the field FailedRecordCount",
                "{\"FailedRecordCount\": 0} | lacks the field Records",
                "{\"FailedRecordCount\": 0, \"Records\": []} | 0 results for 1 records",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0},"
                        + " {\"SequenceNumber\": 2, \"ShardId\": 0}]} | more results than the 1 records",
                "{\"FailedRecordCount\": 1, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0}]} |"
                        + " counts 1 failed records but lists 0",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"ErrorCode\": 5}]} |"
                        + " counts 0 failed records but lists 1",
                "{\"FailedRecordCount\": 0, \"Records\": [{}]} | lacks the field SequenceNumber or ErrorCode",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1}]} | lacks the field ShardId",
                "{\"FailedRecordCount\": 1, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0,"
                        + " \"ErrorCode\": 5}]} | both a sequence number and an error",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 0, \"ShardId\": 0}]} |"
                        + " SequenceNumber outside of its range",
                "{\"FailedRecordCount\": 0, \"Records\": [7]} | an integer where an element of Records",
                "{\"FailedRecordCount\": -1, \"Records\": []} | FailedRecordCount outside of its range",
                "<html>ok</html> | not valid JSON"
            })
    void refusesResultsThatDoNotMatchTheRecords(String body, String complaint) {
        assertThatThrownBy(() -> decode(1, body))
                .isInstanceOf(MalformedAnswerException.class)
                .hasMessageContaining(complaint);
    }

    private static List<PutResult> decode(int records, String body)
            throws MalformedAnswerException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return new PutRecordsDecoder(records, (text, isCut, maxChars) -> OneLine.of(text, maxChars))
                .decode(bytes, bytes.length);
    }
}
