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
import io.v3io.client.model.V3ioLimits;
import io.v3io.flink.deadletter.DeadLetter;
import io.v3io.flink.sink.InvalidRecord;
import io.v3io.flink.sink.InvalidRecordHandler;

import java.util.Arrays;

/**
 * Makes the dead letter of a record that can never be stored: one record, which keeps all limits
 * whatever the invalid one is made of. What is too long is cut; of data, the letter says how much
 * there was.
 */
final class DeadLetterHandler implements InvalidRecordHandler {

    private static final long serialVersionUID = 1L;

    /** As much as a source has in one dead letter. */
    private static final int MAX_DATA_BYTES = 700_000;

    private static final int MAX_REASON_CHARS = 2_000;

    /** A key or a stream name may be anything; at worst each character is written as six. */
    private static final int MAX_TEXT_CHARS = 1_000;

    private static final int MAX_CLIENT_INFO_BYTES = 1_000;

    private final String endpoint;
    private final RecordLimits limits;

    DeadLetterHandler(String endpoint, RecordLimits limits) {
        this.endpoint = endpoint;
        this.limits = limits;
    }

    @Override
    public PutRecord handle(InvalidRecord invalid) {
        byte[] data = invalid.record().data();
        PutRecord empty = withKeyOf(invalid, PutRecord.of(letter(invalid, new byte[0])));
        int room = Math.min(Math.min(MAX_DATA_BYTES, room(empty)), data.length);
        return room == data.length
                ? withKeyOf(invalid, PutRecord.of(letter(invalid, data)))
                : withKeyOf(invalid, PutRecord.of(letter(invalid, Arrays.copyOf(data, room))));
    }

    /** Bytes of data for which a letter has room; base64 makes four of three. */
    private int room(PutRecord empty) {
        // An exactly-once sink adds a tag.
        long encoded =
                empty.withClientInfo(new byte[V3ioLimits.MAX_CLIENT_INFO_BYTES]).encodedSizeBytes();
        long asJson =
                Math.min(
                        limits.maxDataBytes() - empty.data().length,
                        (limits.maxEncodedBytes() - encoded) / 4 * 3);
        return (int) Math.max(0, asJson / 4 * 3);
    }

    private static PutRecord withKeyOf(InvalidRecord invalid, PutRecord letter) {
        return letter.withPartitionKey(DeadLetter.usableKey(invalid.record().partitionKey()));
    }

    private byte[] letter(InvalidRecord invalid, byte[] data) {
        PutRecord record = invalid.record();
        byte[] clientInfo = record.clientInfo();
        return new DeadLetter(
                        endpoint,
                        cut(invalid.stream(), MAX_TEXT_CHARS),
                        record.shardId().isPresent() ? record.shardId().getAsInt() : null,
                        null,
                        null,
                        record.partitionKey() == null
                                ? null
                                : cut(record.partitionKey(), MAX_TEXT_CHARS),
                        clientInfo == null
                                ? null
                                : Arrays.copyOf(
                                        clientInfo,
                                        Math.min(clientInfo.length, MAX_CLIENT_INFO_BYTES)),
                        null,
                        cut(invalid.reason(), MAX_REASON_CHARS),
                        1,
                        1,
                        record.data().length,
                        data)
                .toJson();
    }

    private static String cut(String text, int maxChars) {
        if (text.length() <= maxChars) {
            return text;
        }
        // Not in the middle of a character that is two.
        int end = Character.isHighSurrogate(text.charAt(maxChars - 1)) ? maxChars - 1 : maxChars;
        return text.substring(0, end);
    }
}
