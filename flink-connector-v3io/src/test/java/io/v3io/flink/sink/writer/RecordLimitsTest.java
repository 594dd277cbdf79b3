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

package io.v3io.flink.sink.writer;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class RecordLimitsTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/orders");
    private static final RecordLimits LIMITS =
            new RecordLimits(V3ioLimits.MAX_DATA_BYTES, V3ioLimits.MAX_PUT_BODY_BYTES);

    @Test
    void acceptsARecordAtEveryLimit() {
        assertThatCode(() -> LIMITS.check(STREAM, largest())).doesNotThrowAnyException();
        assertThatCode(() -> LIMITS.check(STREAM, PutRecord.of(new byte[0]).withShardId(4_095)))
                .doesNotThrowAnyException();
    }

    @Test
    void refusesARecordThatFitsIntoNoRequest() {
        RecordLimits limits = new RecordLimits(V3ioLimits.MAX_DATA_BYTES, 1_024);
        PutRecord record = PutRecord.of(new byte[750]).withShardId(3);
        // 1,000 bytes of base64, 11 around them, and 12 for the shard.
        assertThat(record.encodedSizeBytes()).isEqualTo(1_023);
        assertThatCode(() -> limits.check(STREAM, record)).doesNotThrowAnyException();
        assertThatThrownBy(() -> limits.check(STREAM, record.withShardId(3000)))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessage(
                        "A record for stream users/me/orders (shard 3000) cannot be stored: its"
                                + " JSON has 1026 bytes, and a request has room for 1024,"
                                + " as setMaxBatchSizeInBytes (in SQL 'sink.flush-buffer.size')"
                                + " says.");
    }

    @Test
    void refusesDataOverTheLimitNamingRouteSizeAndLimit() {
        PutRecord record = PutRecord.of(new byte[V3ioLimits.MAX_DATA_BYTES + 1]).withShardId(3);
        assertThatThrownBy(() -> LIMITS.check(STREAM, record))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessage(
                        "A record for stream users/me/orders (shard 3) cannot be stored: its data"
                                + " has 1048577 bytes, the limit is 1048576, as"
                                + " setMaxRecordSizeInBytes (in SQL 'sink.record.max-size') says.");
    }

    @Test
    void countsTheKeyInBytesAndDoesNotShowIt() {
        String key = "ä".repeat(129);
        assertThatThrownBy(
                        () -> LIMITS.check(STREAM, PutRecord.of(new byte[1]).withPartitionKey(key)))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("partition key of 129 characters")
                .hasMessageContaining("its partition key has 258 bytes, the limit is 256")
                .hasMessageNotContaining("ä");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud83d", "a\ud83d", "\udc3a", "\ud83da", "\udc3a\ud83d"})
    void refusesAKeyThatUtf8CannotExpress(String key) {
        assertThatThrownBy(
                        () -> LIMITS.check(STREAM, PutRecord.of(new byte[1]).withPartitionKey(key)))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("unpaired surrogate");
    }

    @Test
    void acceptsAKeyOfPairedSurrogates() {
        PutRecord record = PutRecord.of(new byte[1]).withPartitionKey("\ud83d\udc3a".repeat(64));
        assertThatCode(() -> LIMITS.check(STREAM, record)).doesNotThrowAnyException();
    }

    @Test
    void refusesClientInfoOverTheLimit() {
        PutRecord record = PutRecord.of(new byte[1]).withClientInfo(new byte[17]);
        assertThatThrownBy(() -> LIMITS.check(STREAM, record))
                .hasMessageContaining("its client info has 17 bytes, the limit is 16");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 4_096, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void refusesAShardThatNoStreamCanHave(int shardId) {
        assertThatThrownBy(
                        () -> RecordLimits.checkShardId(STREAM, PutRecord.of(new byte[0]), shardId))
                .isInstanceOf(InvalidRecordException.class)
                .hasMessageContaining("shard " + shardId)
                .hasMessageContaining("0 to 4095");
    }

    private static PutRecord largest() {
        return PutRecord.of(new byte[V3ioLimits.MAX_DATA_BYTES])
                .withPartitionKey("\u0001".repeat(V3ioLimits.MAX_PARTITION_KEY_BYTES))
                .withClientInfo(new byte[V3ioLimits.MAX_CLIENT_INFO_BYTES]);
    }
}
