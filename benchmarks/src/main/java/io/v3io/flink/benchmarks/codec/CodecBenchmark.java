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
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.GetRecordsDecoder;
import io.v3io.client.wire.MalformedAnswerException;
import io.v3io.client.wire.RequestBody;
import io.v3io.flink.benchmarks.server.GetRecordsAnswer;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A thousand records at a time; the score is records a second. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(CodecBenchmark.RECORDS)
public class CodecBenchmark {

    static final int RECORDS = 1_000;

    private static final StreamPath STREAM = StreamPath.parse("bench/codec");
    private static final ShardId SHARD = STREAM.shard(0);
    private static final int KEYS = 64;

    private final JacksonCodec jackson = new JacksonCodec();
    private final GetRecordsDecoder decoder = new GetRecordsDecoder(SHARD);

    /** Payload of each record. */
    @Param({"1024", "100"})
    public int bytes;

    private byte[] getRecordsBody;
    private List<PutRecord> toPut;
    private int putRecordsBytes;

    @Setup
    public void prepare() {
        getRecordsBody = GetRecordsAnswer.firstBody(RECORDS, bytes);
        toPut = new ArrayList<>();
        Random random = new Random(1);
        for (int i = 0; i < RECORDS; i++) {
            byte[] data = new byte[bytes];
            random.nextBytes(data);
            toPut.add(PutRecord.of(data).withPartitionKey("key-" + (10 + i % KEYS)));
        }
        putRecordsBytes = encode().length();
    }

    @Benchmark
    public RecordBatch decode() throws MalformedAnswerException {
        return decoder.decode(getRecordsBody, getRecordsBody.length);
    }

    @Benchmark
    public RecordBatch decodeWithJackson() throws IOException {
        return jackson.decode(SHARD, getRecordsBody);
    }

    @Benchmark
    public RequestBody encode() {
        return ApiRequests.putRecords(STREAM, toPut).body();
    }

    @Benchmark
    public byte[] encodeWithJackson() throws IOException {
        return jackson.encode(toPut, putRecordsBytes);
    }
}
