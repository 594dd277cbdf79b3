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

package io.v3io.flink.source.reader;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.serialization.AbstractDeserializationSchema;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.testutils.source.reader.SourceReaderTestBase;
import org.apache.flink.connector.testutils.source.reader.TestingReaderContext;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Flink's own tests of source readers, as they are, on an emulator over HTTP. Split {@code n} is
 * shard {@code n} and holds the ten numbers from {@code 10 * n} on.
 */
@Timeout(60)
class V3ioSourceReaderSuiteTest extends SourceReaderTestBase<V3ioShardSplit> {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath numbers;

    @BeforeEach
    void createStreams() {
        numbers = streams.create("users/me/numbers", numSplits);
    }

    @Override
    protected SourceReader<Integer, V3ioShardSplit> createReader() throws Exception {
        return V3ioSource.<Integer>builder()
                .setEndpoint(streams.endpoint())
                .setAccessKey(EmulatedStreams.ACCESS_KEY)
                .setStream("users/me/numbers")
                .setDeserializer(new IntegerSchema())
                .build()
                .createReader(new TestingReaderContext());
    }

    @Override
    protected List<V3ioShardSplit> getSplits(
            int numSplits, int numRecordsPerSplit, Boundedness boundedness) {
        return IntStream.range(0, numSplits)
                .mapToObj(split -> getSplit(split, numRecordsPerSplit, boundedness))
                .toList();
    }

    @Override
    protected V3ioShardSplit getSplit(int splitId, int numRecords, Boundedness boundedness) {
        streams.putAll(
                numbers,
                IntStream.range(0, numRecords)
                        .map(index -> splitId * numRecords + index)
                        .mapToObj(V3ioSourceReaderSuiteTest::bytes)
                        .map(data -> PutRecord.of(data).withShardId(splitId))
                        .toList());
        return boundedness == Boundedness.BOUNDED
                ? V3ioShardSplit.bounded(
                        numbers.shard(splitId), ShardStart.Earliest.INSTANCE, numRecords)
                : V3ioShardSplit.unbounded(numbers.shard(splitId), ShardStart.Earliest.INSTANCE);
    }

    /** Sequence numbers start at 1: the last one is as large as the number of records before. */
    @Override
    protected long getNextRecordIndex(V3ioShardSplit split) {
        EmittedPosition emitted = split.emitted();
        return emitted == null ? 0 : emitted.sequenceNumber();
    }

    private static byte[] bytes(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private static final class IntegerSchema extends AbstractDeserializationSchema<Integer> {
        private static final long serialVersionUID = 1L;

        @Override
        public Integer deserialize(byte[] message) {
            return ByteBuffer.wrap(message).getInt();
        }
    }
}
