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

import java.util.Arrays;
import java.util.Objects;

/** Compares what the decoder makes of a body with what the JSON parser makes of it, its judge. */
final class DecoderDifference {

    static final ShardId SHARD = StreamPath.parse("users/s").shard(3);

    /** What came out of a body: a batch, or a complaint. */
    private record Outcome(RecordBatch batch, String complaint) {

        static Outcome of(AnswerDecoder<RecordBatch> decoder, byte[] body, int length) {
            try {
                return new Outcome(decoder.decode(body, length), "");
            } catch (MalformedAnswerException e) {
                return new Outcome(null, e.getMessage());
            }
        }
    }

    private DecoderDifference() {}

    /**
     * Fails if the two disagree, in a field of a record or in a complaint.
     *
     * @return whether the body was right
     */
    static boolean check(byte[] body) {
        Outcome expected = Outcome.of(new GetRecordsParser(SHARD), body, body.length);
        // As in an array that has been used before, where an older body goes on behind this one.
        byte[] used = Arrays.copyOf(body, 2 * body.length + 8);
        System.arraycopy(body, 0, used, body.length, body.length);
        Outcome actual = Outcome.of(new GetRecordsDecoder(SHARD), used, body.length);
        if (!expected.complaint().equals(actual.complaint())) {
            throw new AssertionError(
                    "The parser's complaint is '"
                            + expected.complaint()
                            + "', the decoder's '"
                            + actual.complaint()
                            + "'.");
        }
        if (expected.batch() != null) {
            requireSame(expected.batch(), actual.batch());
        }
        return expected.batch() != null;
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
