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

import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Savepoints;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A job without a guarantee is stopped with a savepoint while its sink holds nearly all. */
@Timeout(120)
class V3ioSinkNoGuaranteeITCase {

    private static final String STREAM = "users/me/numbers";
    private static final int SHARDS = 4;
    private static final int KEYS = 50;
    private static final int RECORDS = 12_000;

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 1);

    @TempDir private Path savepoints;

    @Test
    void nothingIsLostAndNoKeyIsInvertedByAPlannedStop() throws Exception {
        try (EmulatedStreams streams = PLATFORM.start()) {
            streams.create(STREAM, SHARDS);
            streams.emulator()
                    .faults()
                    .add(Fault.on(Operation.PUT_RECORDS).latency(Duration.ofMillis(100)));
            JobClient slow = start(streams, null);
            await().atMost(Duration.ofSeconds(60)).until(() -> firstOf(streams).size() > 50);
            String savepoint = Savepoints.stop(slow, savepoints);
            assertThat(firstOf(streams).size()).isLessThan(RECORDS / 2);

            streams.emulator().faults().clear();
            start(streams, savepoint).getJobExecutionResult().get();

            assertThat(firstOf(streams))
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.range(0, RECORDS).boxed().toList());
        }
    }

    private static Set<Long> firstOf(EmulatedStreams streams) {
        return StoredNumbers.inOrder(streams.emulator().stream(STREAM), "no guarantee");
    }

    private static JobClient start(EmulatedStreams streams, @Nullable String savepoint)
            throws Exception {
        Configuration configuration = new Configuration();
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(STREAM)
                        .setSerializationSchema(new SimpleStringSchema())
                        .setPartitionKey(number -> "key-" + Long.parseLong(number) % KEYS)
                        .setOrder(OrderGuarantee.STRICT)
                        .setDeliveryGuarantee(DeliveryGuarantee.NONE)
                        // So that the source is not at its end when the job is stopped.
                        .setMaxBatchSize(500)
                        .setMaxBufferedRequests(3_000)
                        .setMaxInFlightRequests(4)
                        .configureClient(client -> client.setRetryPolicy(EmulatedStreams.PATIENT))
                        .build();
        env.fromSequence(0, RECORDS - 1)
                .uid("numbers")
                .map(String::valueOf)
                .returns(Types.STRING)
                .sinkTo(sink)
                .uid("sink");
        return env.executeAsync("without a guarantee");
    }
}
