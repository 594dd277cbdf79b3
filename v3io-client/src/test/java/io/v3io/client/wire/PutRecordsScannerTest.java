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
import org.junit.jupiter.params.provider.ValueSource;

import javax.annotation.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;

/** What the quick way takes on itself, and that it agrees with the parser on everything. */
class PutRecordsScannerTest {

    private static final String STORED =
            "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 5, \"ShardId\": 2},"
                    + " {\"ShardId\": 2147483647, \"SequenceNumber\": 999999999999999999}]}";

    @Test
    void takesAnAnswerThatTellsOfNoFailure() {
        assertThat(scan(2, STORED))
                .containsExactly(
                        new PutResult.Stored(2, 5),
                        new PutResult.Stored(Integer.MAX_VALUE, 999_999_999_999_999_999L));
        assertThat(scan(2, STORED.replace(" ", ""))).hasSize(2);
        assertThat(scan(2, STORED.replace(" ", "\n\t "))).hasSize(2);
        assertThat(
                        scan(
                                1,
                                "{\"Records\":[{\"SequenceNumber\":1,\"ShardId\":0}],"
                                        + "\"FailedRecordCount\":0}"))
                .containsExactly(new PutResult.Stored(0, 1));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"FailedRecordCount\": 1, \"Records\": [{\"SequenceNumber\": 5, \"ShardId\": 2}]}",
                "{\"FailedRecordCount\": 1, \"Records\": [{\"ErrorCode\": -1, \"ErrorMessage\": \"x\"}]}",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"ErrorCode\": 0, \"ShardId\": 0, \"SequenceNumber\": 1}]}",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0, \"ErrorCode\": 7}]}",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 2147483648}]}",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 0, \"ShardId\": 0}]}",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"SequenceNumber\": 1}]}",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\", \"ShardId\": 1}]}",
                "{\"FailedRecordCount\": 0, \"Records\": []}",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0},"
                        + " {\"SequenceNumber\": 2, \"ShardId\": 0}]}",
                "{\"FailedRecordCount\": 0, \"FailedRecordCount\": 0,"
                        + " \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0}]}",
                "{\"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0}]}",
                "{\"FailedRecordCount\": 0}",
                "{\"FailedRecordCount\": 0, \"Records\": [{\"SequenceNumber\": 1, \"ShardId\": 0}]} x"
            })
    void leavesTheRestToTheParser(String body) {
        assertThat(scan(1, body)).isNull();
        DecoderDifference.checkResults(1, bytes(body));
    }

    @Test
    void changedAnswersAreReadAsTheParserReadsThem() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] original = bytes(STORED);
        byte[] wanted = bytes("\"\\{}[]:, \n0123456789-+.eEnul\u00e9\u0000");
        int right = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] body = original.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                body[random.nextInt(body.length)] = wanted[random.nextInt(wanted.length)];
            }
            if (random.nextInt(8) == 0) {
                body = Arrays.copyOf(body, random.nextInt(body.length));
            }
            try {
                right += DecoderDifference.checkResults(2, body) ? 1 : 0;
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
        // Or nothing but refusals would have been compared.
        assertThat(right).as("seed %d", seed).isGreaterThan(200);
    }

    @Nullable
    private static List<PutResult> scan(int records, String body) {
        byte[] bytes = bytes(body);
        return new PutRecordsScanner(records, bytes, bytes.length).scan();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
