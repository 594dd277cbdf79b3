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

package io.v3io.flink.benchmarks.scale;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Operation;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.benchmarks.measure.Pause;

import org.apache.flink.configuration.MemorySize;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What a job whose stream gets nothing new asks the web API for. */
final class IdleJob {

    private static final StreamPath STREAM = StreamPath.parse("users/bench/idle");

    private static final MemorySize BUFFER = MemorySize.ofMebiBytes(4);

    private final int shards;
    private final Duration settling;
    private final Duration round;

    /**
     * An idle job of so many shards.
     *
     * @param settling from when all is read to when it counts; the pauses of idle shards grow
     */
    IdleJob(int shards, Duration settling, Duration round) {
        this.shards = shards;
        this.settling = settling;
        this.round = round;
    }

    /** Requests of any kind a second. */
    double requestsPerSecond(int subtasks) throws Exception {
        try (V3ioEmulator emulator = V3ioEmulator.builder().start()) {
            fill(emulator.endpoint());
            try (WideJob job =
                    WideJob.start(emulator.endpoint(), STREAM.toString(), subtasks, BUFFER)) {
                job.awaitRecords(shards);
                Pause.of(settling);
                long before = requests(emulator);
                long start = System.nanoTime();
                Pause.of(round);
                return (requests(emulator) - before) * 1e9 / (System.nanoTime() - start);
            }
        }
    }

    private void fill(String endpoint) {
        try (V3ioClient client =
                V3ioClient.builder().setEndpoint(endpoint).setAccessKey("any").build()) {
            client.createStream(STREAM, shards, 24).join();
            List<PutRecord> records = new ArrayList<>();
            for (int shard = 0; shard < shards; shard++) {
                records.add(PutRecord.of(new byte[] {1}).withShardId(shard));
            }
            var unused = client.putRecords(STREAM, records).join();
        }
    }

    private static long requests(V3ioEmulator emulator) {
        long all = 0;
        for (Operation operation : Operation.values()) {
            all += emulator.requestCount(operation);
        }
        return all;
    }
}
