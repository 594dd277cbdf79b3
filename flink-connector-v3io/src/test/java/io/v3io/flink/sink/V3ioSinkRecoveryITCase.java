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

import io.v3io.emulator.Dialect;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.testing.TestSeeds;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A job with a sink in strict order that crashes again and again, while every kind of fault hits
 * its requests: each record is stored at least once, and of each key the first occurrences stand in
 * the order in which they were written.
 */
@Timeout(180)
class V3ioSinkRecoveryITCase {

    private static final String STREAM = "users/me/numbers";
    private static final int SHARDS = 5;
    private static final int KEYS = 40;
    private static final int RECORDS = 12_000;
    private static final int CRASHES = 4;

    private static final Duration LATENCY = Duration.ofMillis(1);

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 3);

    static LongStream seeds() {
        return TestSeeds.fixed(30, 4, 20261126);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRecordIsStoredAndNoKeyIsInvertedThroughCrashesAndFaults(long seed) throws Exception {
        Dialect dialect = Dialect.random(new SplittableRandom(seed));
        try (EmulatedStreams streams =
                PLATFORM.start(e -> e.seed(seed).dialect(dialect).latency(LATENCY))) {
            streams.create(STREAM, SHARDS);
            addFaults(streams);

            run(streams, seed);

            String description = "seed " + seed + ", " + dialect;
            assertThat(CrashSometimes.crashed()).as(description).isEqualTo(CRASHES);
            assertThat(StoredNumbers.inOrder(streams.emulator().stream(STREAM), description))
                    .as(description)
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.rangeClosed(1, RECORDS).boxed().toList());
        }
    }

    private static void addFaults(EmulatedStreams streams) {
        Fault any = Fault.on(Operation.PUT_RECORDS).probability(0.03);
        streams.emulator().faults().add(any.respond(503, "text/html", "<html>busy</html>"));
        streams.emulator().faults().add(any.throttle(0));
        streams.emulator().faults().add(any.resetBefore());
        streams.emulator().faults().add(any.resetAfter());
        streams.emulator().faults().add(any.cutBody());
        streams.emulator()
                .faults()
                .add(any.failRecords("Resource temporarily unavailable").probability(0.05));
    }

    private static void run(EmulatedStreams streams, long seed) throws Exception {
        Configuration configuration = Restarts.upTo(CRASHES + 1);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.enableCheckpointing(20);
        env.setParallelism(3);
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream(STREAM)
                        .setSerializationSchema(new SimpleStringSchema())
                        .setPartitionKey(number -> "key-" + Long.parseLong(number) % KEYS)
                        .setOrder(OrderGuarantee.STRICT)
                        .setMaxBatchSize(20)
                        .setMaxBufferedRequests(100)
                        .setMaxTimeInBuffer(Duration.ofMillis(10))
                        .configureClient(client -> client.setRetryPolicy(EmulatedStreams.PATIENT))
                        .build();
        env.fromSequence(1, RECORDS)
                .setParallelism(1)
                .keyBy(number -> number % KEYS)
                // In one chain with the sink, so that it feels how slow the server is.
                // So soon that all attempts together do not come to the end of its records.
                .map(new CrashSometimes(seed, CRASHES, 100, 800))
                .sinkTo(sink);
        env.execute("in order");
    }
}
