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

package io.v3io.flink.sink;

import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.testing.EmulatedStreams;

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.connector.sink2.Committer;
import org.apache.flink.api.connector.sink2.CommittingSinkWriter;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/** A process that writes one epoch of large records and commits it. */
final class LargeEpoch {

    static final int RECORD_BYTES = 50_000;

    private LargeEpoch() {}

    /** Endpoint, stream, how many records, staging directory or nothing. */
    public static void main(String[] args) throws Exception {
        V3ioSinkBuilder<Long> builder =
                V3ioSink.<Long>builder()
                        .setEndpoint(args[0])
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(args[1])
                        .setSerializationSchema(new LargeRecords())
                        .setDeliveryGuarantee(DeliveryGuarantee.EXACTLY_ONCE);
        if (!args[3].isEmpty()) {
            builder.setStagingDirectory(args[3])
                    .setMaxInlineSize(MemorySize.ofMebiBytes(4))
                    .setMaxInFlightRequests(4)
                    .setMaxBatchSizeInBytes(MemorySize.ofMebiBytes(1))
                    .setMaxPendingBytes(MemorySize.ofMebiBytes(8));
        }
        try (TestTask task = new TestTask()) {
            run(builder.build(), task, Integer.parseInt(args[2]));
        } catch (IOException e) {
            System.out.println("failed: " + e.getMessage());
        }
    }

    @SuppressWarnings("unchecked")
    private static void run(V3ioSink<Long> sink, TestTask task, int records) throws Exception {
        try (Committer<Epoch> committer =
                        sink.createCommitter(
                                new CommitterCalls.Context(
                                        OptionalLong.empty(), new CommitterMetrics()));
                CommittingSinkWriter<Long, Epoch> writer =
                        (CommittingSinkWriter<Long, Epoch>) sink.createWriter(task.context())) {
            for (long i = 0; i < records; i++) {
                writer.write(i, null);
            }
            writer.flush(false);
            Collection<Epoch> epochs = writer.prepareCommit();
            committer.commit(
                    List.copyOf(epochs.stream().map(CommitterCalls.Request::new).toList()));
        }
        System.out.println("committed " + records + " records");
    }

    static long number(byte[] data) {
        return ByteBuffer.wrap(data).getLong();
    }

    private static final class LargeRecords implements SerializationSchema<Long> {

        private static final long serialVersionUID = 1L;

        @Override
        public byte[] serialize(Long number) {
            return ByteBuffer.allocate(RECORD_BYTES).putLong(number).array();
        }
    }
}
