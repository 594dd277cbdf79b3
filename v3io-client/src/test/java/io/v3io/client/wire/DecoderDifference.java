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
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import javax.annotation.Nullable;

import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** Compares what a decoder makes of a body with what the JSON parser makes of it, its judge. */
final class DecoderDifference {

    static final ShardId SHARD = StreamPath.parse("users/s").shard(3);

    /** What came out of a body: a value, or a complaint. */
    private record Outcome<T>(
            T value, String complaint, @Nullable MalformedAnswerException.Fault fault) {

        static <T> Outcome<T> of(AnswerDecoder<T> decoder, byte[] body, int length) {
            try {
                return new Outcome<>(decoder.decode(body, length), "", null);
            } catch (MalformedAnswerException e) {
                return new Outcome<>(null, e.getMessage(), e.fault());
            }
        }
    }

    private static final ServerWords WORDS = (text, isCut, maxChars) -> OneLine.of(text, maxChars);

    private DecoderDifference() {}

    /**
     * Fails if the two disagree on an answer to GetRecords, in a field of a record or in a
     * complaint.
     *
     * @return whether the body was right
     */
    static boolean check(byte[] body) {
        Outcome<RecordBatch> expected = Outcome.of(new GetRecordsParser(SHARD), body, body.length);
        Outcome<RecordBatch> actual =
                Outcome.of(new GetRecordsDecoder(SHARD), used(body), body.length);
        requireEqual("complaint", expected.complaint(), actual.complaint());
        if (expected.value() != null) {
            requireSame(expected.value(), actual.value());
        }
        return expected.value() != null;
    }

    /**
     * Fails if the two disagree on an answer to PutRecords with so many records.
     *
     * @return whether the body was right
     */
    static boolean checkResults(int records, byte[] body) {
        Outcome<List<PutResult>> expected =
                Outcome.of(new PutRecordsParser(records, WORDS), body, body.length);
        Outcome<List<PutResult>> actual =
                Outcome.of(new PutRecordsDecoder(records, WORDS), used(body), body.length);
        requireEqual("outcome", expected, actual);
        return expected.value() != null;
    }

    /** As in an array that has been used before, where an older body goes on behind this one. */
    private static byte[] used(byte[] body) {
        byte[] used = Arrays.copyOf(body, 2 * body.length + 8);
        System.arraycopy(body, 0, used, body.length, body.length);
        return used;
    }

    private static void requireSame(RecordBatch expected, RecordBatch actual) {
        requireEqual("next location", expected.nextLocation(), actual.nextLocation());
        requireEqual("lag", expected.millisBehindLatest(), actual.millisBehindLatest());
        requireEqual("backlog", expected.recordsBehindLatest(), actual.recordsBehindLatest());
        requireEqual("size", expected.bodyBytes(), actual.bodyBytes());
        requireEqual("record count", expected.records().size(), actual.records().size());
        for (int i = 0; i < expected.records().size(); i++) {
            requireSame(i, expected.records().get(i), actual.records().get(i));
        }
    }

    private static void requireSame(int i, StreamRecord expected, StreamRecord actual) {
        String record = "of record " + i;
        requireEqual("shard " + record, expected.shard(), actual.shard());
        requireEqual("number " + record, expected.sequenceNumber(), actual.sequenceNumber());
        requireEqual("time " + record, expected.arrivalTime(), actual.arrivalTime());
        requireEqual("key " + record, expected.partitionKey(), actual.partitionKey());
        requireEqual("data " + record, text(expected.data()), text(actual.data()));
        requireEqual("info " + record, text(expected.clientInfo()), text(actual.clientInfo()));
    }

    private static String text(byte[] bytes) {
        return Arrays.toString(bytes);
    }

    private static void requireEqual(String what, Object expected, Object actual) {
        if (!Objects.equals(expected, actual)) {
            throw new AssertionError(
                    "The parser reads " + what + " as " + expected + ", the decoder as " + actual);
        }
    }
}
