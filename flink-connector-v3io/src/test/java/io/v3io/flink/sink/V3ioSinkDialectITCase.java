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
import io.v3io.emulator.DialectSetting.LargestRecord;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.emulator.StoredRecord;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a job must be able to rely on, on every platform that the evidence allows. */
@Timeout(120)
class V3ioSinkDialectITCase {

    private static final String STREAM = "users/me/numbers";
    private static final String DIALECTS = "io.v3io.flink.testing.TestedDialects#all";
    private static final int KEYS = 20;
    private static final int LARGE = 1_020_000;

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private EmulatedStreams streams;
    private V3ioEmulator emulator;

    private void start(Dialect dialect) {
        streams = PLATFORM.start(e -> e.dialect(dialect));
        emulator = streams.emulator();
    }

    /** Two subtasks create the stream, and one of them is late. */
    @ParameterizedTest
    @MethodSource(DIALECTS)
    void everyRecordThroughFaultsIntoAStreamThatIsCreated(Dialect dialect) throws Exception {
        start(dialect);
        addFaults();
        run(3_000, 2, sink().setCreateStream(4, 24).build());

        assertThat(dataOfShards()).contains(numbers(3_000));
        Map<String, Integer> shardOfKey = new HashMap<>();
        for (int shard = 0; shard < 4; shard++) {
            for (StoredRecord record : emulator.stream(STREAM).records(shard)) {
                assertThat(shardOfKey.putIfAbsent(record.partitionKey(), shard)).isIn(null, shard);
            }
        }
        assertThat(shardOfKey).hasSize(KEYS);
    }

    @ParameterizedTest
    @MethodSource(DIALECTS)
    void recordsOfOneKeyDoNotOvertakeEachOther(Dialect dialect) throws Exception {
        start(dialect);
        createStream();
        addFaults();
        run(2_000, 1, sink().setOrder(OrderGuarantee.STRICT).build());
        checkOrder();
    }

    @ParameterizedTest
    @MethodSource(DIALECTS)
    void aRecordThatThePlatformFindsTooLargeFailsTheJobOrIsDroppedAlone(Dialect dialect)
            throws Exception {
        start(dialect);
        createStream();
        boolean isTooLarge = dialect.get(LargestRecord.class).bytes() < LARGE;
        if (isTooLarge) {
            assertThatThrownBy(() -> runWithALargeOne(sink().build()))
                    .hasStackTraceContaining(STREAM)
                    .hasStackTraceContaining("InvalidArgumentException");
        }
        runWithALargeOne(sink().setOnInvalidRecord(OnInvalidRecord.DROP).build());
        Set<Integer> sizes = new LinkedHashSet<>();
        int small = 0;
        for (String data : dataOfShards()) {
            sizes.add(data.length());
            small += data.length() == LARGE ? 0 : 1;
        }
        assertThat(sizes.contains(LARGE)).isNotEqualTo(isTooLarge);
        assertThat(small).isGreaterThanOrEqualTo(20);
    }

    private void runWithALargeOne(V3ioSink<String> sink) throws Exception {
        StreamExecutionEnvironment env = environment(1);
        env.fromSequence(1, 21)
                .map(n -> n == 10 ? "x".repeat(LARGE) : String.valueOf(n))
                .sinkTo(sink);
        env.execute();
    }

    private void addFaults() {
        Fault put = Fault.on(Operation.PUT_RECORDS);
        emulator.faults()
                .add(
                        put.failRecords("ProvisionedThroughputExceededException")
                                .probability(0.02)
                                .times(20));
        emulator.faults().add(put.resetBefore().skip(1).times(2));
        emulator.faults().add(put.resetAfter().skip(4).times(2));
        emulator.faults()
                .add(
                        put.respond(
                                        503,
                                        "application/json",
                                        "{\"ErrorCode\": -117440512, \"ErrorMessage\":"
                                                + " \"Failed to send a control message request\"}")
                                .skip(7)
                                .times(2));
    }

    private void checkOrder() {
        for (int shard = 0; shard < 4; shard++) {
            Map<String, List<Long>> firsts = new HashMap<>();
            Set<Long> seen = new LinkedHashSet<>();
            for (StoredRecord record : emulator.stream(STREAM).records(shard)) {
                long number = Long.parseLong(new String(record.data(), UTF_8));
                if (seen.add(number)) {
                    firsts.computeIfAbsent(record.partitionKey(), key -> new ArrayList<>())
                            .add(number);
                }
            }
            firsts.values().forEach(ofKey -> assertThat(ofKey).isSorted());
        }
        assertThat(dataOfShards()).contains(numbers(2_000));
    }

    private void createStream() {
        streams.create(STREAM, 4);
    }

    private V3ioSinkBuilder<String> sink() {
        return V3ioSink.<String>builder()
                .setEndpoint(emulator.endpoint())
                .setAccessKey("k")
                .setStream(STREAM)
                .setSerializationSchema(new SimpleStringSchema())
                .setPartitionKey(n -> n.length() > 10 ? "large" : "key-" + Long.parseLong(n) % KEYS)
                .setMaxBatchSize(100)
                .configureClient(client -> client.setRetryPolicy(EmulatedStreams.PATIENT));
    }

    private static void run(long count, int parallelism, V3ioSink<String> sink) throws Exception {
        StreamExecutionEnvironment env = environment(parallelism);
        env.fromSequence(1, count).map(String::valueOf).sinkTo(sink);
        env.execute();
    }

    private static StreamExecutionEnvironment environment(int parallelism) {
        Configuration configuration = Restarts.none();
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(parallelism);
        return env;
    }

    private List<String> dataOfShards() {
        List<String> data = new ArrayList<>();
        for (int shard = 0; shard < emulator.stream(STREAM).shardCount(); shard++) {
            emulator.stream(STREAM)
                    .records(shard)
                    .forEach(record -> data.add(new String(record.data(), UTF_8)));
        }
        return data;
    }

    private static String[] numbers(long count) {
        return LongStream.rangeClosed(1, count).mapToObj(String::valueOf).toArray(String[]::new);
    }
}
