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

package io.v3io.client.model;

import org.junit.jupiter.api.Test;

import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class LimitViolationTest {

    private static final PutRecord SMALL = PutRecord.of(new byte[] {1});

    @Test
    void takesDataUpToTheLimit() {
        assertThat(refuse(PutRecord.of(new byte[V3ioLimits.MAX_DATA_BYTES]))).isNull();
        assertThat(refuse(PutRecord.of(new byte[V3ioLimits.MAX_DATA_BYTES + 1])))
                .isEqualTo("data has 1048577 bytes, the limit is 1048576");
        assertThat(LimitViolation.of(PutRecord.of(new byte[101]), 100))
                .isEqualTo(
                        new LimitViolation(
                                LimitViolation.Part.DATA, "data has 101 bytes, the limit is 100"));
    }

    @Test
    void takesSixteenBytesOfClientInfo() {
        assertThat(refuse(SMALL.withClientInfo(new byte[16]))).isNull();
        assertThat(refuse(SMALL.withClientInfo(new byte[17])))
                .isEqualTo("client info has 17 bytes, the limit is 16");
    }

    @Test
    void countsThePartitionKeyInBytesOfUtf8() {
        assertThat(refuse(SMALL.withPartitionKey("k".repeat(256)))).isNull();
        assertThat(refuse(SMALL.withPartitionKey("k".repeat(257))))
                .isEqualTo("partition key has 257 characters, the limit is 256 bytes");
        assertThat(refuse(SMALL.withPartitionKey("\u4e16".repeat(85) + "k"))).isNull();
        assertThat(refuse(SMALL.withPartitionKey("\u4e16".repeat(86))))
                .isEqualTo("partition key has 258 bytes, the limit is 256");
        assertThat(refuse(SMALL.withPartitionKey("\ud83d\udc3a".repeat(64)))).isNull();
        assertThat(refuse(SMALL.withPartitionKey("\ud83d\udc3a".repeat(65))))
                .isEqualTo("partition key has 260 bytes, the limit is 256");
    }

    @Test
    void refusesAnUnpairedSurrogateInAKey() {
        assertThat(refuse(SMALL.withPartitionKey("ab\ud83d")))
                .isEqualTo(
                        "partition key has an unpaired surrogate at position 2, which UTF-8 cannot"
                                + " express");
        for (String key : List.of("\udc3a", "\udc3a\ud83d", "\ud83da")) {
            assertThat(refuse(SMALL.withPartitionKey(key))).contains("surrogate at position 0");
        }
    }

    @Test
    void findsTheSameInARecordThatWasMeasuredBefore() {
        PutRecord measured = SMALL.withPartitionKey("\u4e16".repeat(86));
        assertThat(measured.encodedSizeBytes()).isPositive();
        assertThat(refuse(measured)).isEqualTo("partition key has 258 bytes, the limit is 256");
        PutRecord broken = SMALL.withPartitionKey("\ud83d");
        assertThat(refuse(broken)).isNotNull().isEqualTo(refuse(broken));
    }

    private static String refuse(PutRecord record) {
        LimitViolation violation = LimitViolation.of(record, V3ioLimits.MAX_DATA_BYTES);
        return violation == null ? null : violation.words();
    }
}
