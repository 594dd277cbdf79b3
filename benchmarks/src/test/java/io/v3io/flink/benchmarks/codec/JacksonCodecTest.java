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

package io.v3io.flink.benchmarks.codec;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.GetRecordsDecoder;
import io.v3io.flink.benchmarks.server.GetRecordsAnswer;

import org.junit.jupiter.api.Test;

import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** A comparison is fair only if both sides do the same. */
class JacksonCodecTest {

    private static final StreamPath STREAM = StreamPath.parse("bench/codec");

    private final JacksonCodec jackson = new JacksonCodec();

    @Test
    void jacksonMakesTheSameRecordsAsTheClient() throws Exception {
        ShardId shard = STREAM.shard(3);
        byte[] body = GetRecordsAnswer.firstBody(7, 100);

        RecordBatch theirs = jackson.decode(shard, body);
        RecordBatch ours = new GetRecordsDecoder(shard).decode(body, body.length);

        assertThat(theirs.records()).hasSize(7);
        assertThat(theirs).usingRecursiveComparison().isEqualTo(ours);
        assertThat(theirs.records().get(6).partitionKey()).isEqualTo("key-16");
        assertThat(theirs.records()).allSatisfy(record -> assertThat(record.data()).hasSize(100));
        assertThat(theirs.records())
                .extracting(StreamRecord::sequenceNumber)
                .isSorted()
                .doesNotHaveDuplicates();
    }

    @Test
    void jacksonWritesTheSameBytesAsTheClient() throws Exception {
        List<PutRecord> records =
                List.of(
                        PutRecord.of("some text".getBytes(UTF_8)).withPartitionKey("key-10"),
                        PutRecord.of(new byte[] {1, 2}).withShardId(12),
                        PutRecord.of(new byte[0]).withClientInfo(new byte[] {3}));

        byte[] ours = ApiRequests.putRecords(STREAM, records).body().toBytes();

        assertThat(new String(jackson.encode(records, ours.length), UTF_8))
                .isEqualTo(new String(ours, UTF_8));
    }
}
