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

package io.v3io.flink.source;

import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.Restarts;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.util.ExceptionUtils;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A server that is gone for a while, and errors that no waiting mends. */
@Timeout(180)
class V3ioSourceFailureITCase {

    /** By shard, how often each sequence number has come; the job runs in the test's JVM. */
    private static final Map<String, Map<Long, Integer>> READ = new ConcurrentHashMap<>();

    private static final AtomicInteger STARTS = new AtomicInteger();

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 2);

    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;

    @BeforeEach
    void createStreams() {
        READ.clear();
        STARTS.set(0);
        words = streams.create("users/me/words", 4);
    }

    /** That the whole server is away for a minute is the promise, so a minute it has to be. */
    @Test
    void aMinuteWithoutTheServerRestartsNothingAndLosesNothing() throws Exception {
        for (int shard = 0; shard < 3; shard++) {
            streams.put(words, shard, "before", 1_000);
        }
        JobClient job = startJob();
        await().until(() -> countRead() == 3_000);

        streams.emulator().pause();
        CompletableFuture.delayedExecutor(60, TimeUnit.SECONDS)
                .execute(() -> streams.emulator().resume());
        await().atMost(Duration.ofSeconds(90)).until(this::isServed);
        for (int shard = 0; shard < 4; shard++) {
            streams.put(words, shard, "after", 500);
        }
        streams.grow(words, 5);
        streams.put(words, 4, "added", 10);

        await().atMost(Duration.ofSeconds(30)).until(() -> countRead() == 5_010);
        assertThat(READ.values())
                .allSatisfy(numbers -> assertThat(numbers.values()).containsOnly(1));
        // One call of open in each of two subtasks.
        assertThat(STARTS).hasValue(2);
        job.cancel().get();
    }

    private boolean isServed() {
        return streams.client()
                .describeStream(words)
                .handle((description, failure) -> failure == null)
                .join();
    }

    @Test
    void transientFaultsOfEveryOperationRestartNothing() throws Exception {
        for (Operation operation :
                List.of(
                        Operation.DESCRIBE_STREAM,
                        Operation.LIST,
                        Operation.SEEK,
                        Operation.GET_RECORDS,
                        Operation.GET_ITEM,
                        Operation.PUT_ITEM)) {
            for (Fault fault :
                    List.of(
                            Fault.on(operation).respond(503, "text/html", "<html>busy</html>"),
                            Fault.on(operation).respond(502, "text/plain", ""),
                            Fault.on(operation).throttle(0),
                            Fault.on(operation).respond(200, "text/html", "<html>login</html>"),
                            Fault.on(operation).resetBefore(),
                            Fault.on(operation).resetAfter(),
                            Fault.on(operation).cutBody())) {
                streams.emulator().faults().add(fault.probability(0.04));
            }
        }
        JobClient job = startJob();
        for (int round = 0; round < 10; round++) {
            streams.emulator().expireLocations("users/me/words");
            for (int shard = 0; shard < 4; shard++) {
                streams.put(words, shard, "x", 300);
            }
            int due = (round + 1) * 4 * 300;
            await().atMost(Duration.ofSeconds(60)).until(() -> countRead() >= due);
        }

        assertThat(countRead()).isEqualTo(12_000);
        assertThat(READ.values())
                .hasSize(4)
                .allSatisfy(numbers -> assertThat(numbers.values()).containsOnly(1));
        assertThat(STARTS).hasValue(2);
        job.cancel().get();
    }

    @Test
    void permanentErrorsFailTheJobAndSayWhatToDo() throws Exception {
        Fault denied =
                Fault.on(Operation.GET_RECORDS)
                        .respond(
                                403,
                                "application/json",
                                "{\"ErrorCode\": -13, \"ErrorMessage\": \"Permission denied\"}");
        Fault refused =
                Fault.on(Operation.GET_RECORDS)
                        .respond(
                                400,
                                "application/json",
                                "{\"ErrorCode\": -201326592, \"ErrorMessage\": \"InvalidArgumentException\"}");

        assertThat(failureOf(() -> streams.emulator().faults().add(denied)))
                .contains("users/me/words/", "Permission denied", address())
                .contains("could not be read on after sequence number", "Check that");
        streams.emulator().faults().clear();
        assertThat(failureOf(() -> streams.emulator().faults().add(refused)))
                .contains("users/me/words/", "InvalidArgumentException", address());
        streams.emulator().faults().clear();
        assertThat(failureOf(() -> streams.client().deleteStream(words).join()))
                .contains("users/me/words", "was deleted", "start the job without its state");
    }

    private String address() {
        return streams.endpoint().substring("http://".length());
    }

    /** The failure of a running job under which something happens. */
    private String failureOf(Runnable event) throws Exception {
        READ.clear();
        streams.put(words, 0, "x", 10);
        JobClient job = startJob();
        await().until(() -> countRead() >= 10);
        event.run();

        CompletableFuture<?> result = job.getJobExecutionResult();
        await().atMost(Duration.ofSeconds(30)).until(result::isDone);
        return result.handle(
                        (value, failure) ->
                                failure == null
                                        ? "no failure"
                                        : ExceptionUtils.stringifyException(failure))
                .get();
    }

    private static int countRead() {
        return READ.values().stream()
                .flatMap(numbers -> numbers.values().stream())
                .mapToInt(Integer::intValue)
                .sum();
    }

    private JobClient startJob() throws Exception {
        Configuration configuration = Restarts.none();
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(100);
        V3ioSource<Tuple3<String, Long, String>> source =
                V3ioSource.<Tuple3<String, Long, String>>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream("users/me/words")
                        .setConsumerGroup("group")
                        .setMaxRecordsPerRequest(50)
                        .setShardDiscoveryInterval(Duration.ofMillis(100))
                        .setDeserializer(new RecordCoordinates())
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                .map(new Count())
                .sinkTo(new DiscardingSink<>());
        return env.executeAsync("failures");
    }

    private static final class Count extends RichMapFunction<Tuple3<String, Long, String>, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public void open(OpenContext context) {
            STARTS.incrementAndGet();
        }

        @Override
        public String map(Tuple3<String, Long, String> record) {
            READ.computeIfAbsent(record.f0, shard -> new ConcurrentHashMap<>())
                    .merge(record.f1, 1, Integer::sum);
            return record.f2;
        }
    }
}
