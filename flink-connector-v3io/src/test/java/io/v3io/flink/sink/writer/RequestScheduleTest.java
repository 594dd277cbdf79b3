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

package io.v3io.flink.sink.writer;

import io.v3io.client.RetryPolicy;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.Partitioner;
import io.v3io.flink.sink.TestTask;
import io.v3io.flink.sink.state.RoutedRecord;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

import static org.assertj.core.api.Assertions.assertThat;

class RequestScheduleTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/orders");
    private static final int KEYS = 64;
    private static final int RECORDS_OF_A_KEY = 2_000;
    private static final int THREADS = 4;
    private static final int MAX_RECORDS = 1_000;

    private final TestTask task = new TestTask();
    private final AtomicInteger holds = new AtomicInteger();
    private final RetryBackoff backoff =
            new RetryBackoff(
                    new RetryPolicy(
                            1, Duration.ofSeconds(1), Duration.ofMillis(1), Duration.ofMillis(1)),
                    () -> 0.5);
    private final Backlog backlog = new Backlog();
    private final RequestSchedule schedule =
            new RequestSchedule(
                    new CongestionControl(16, backoff, System::nanoTime),
                    backlog,
                    new SinkMetrics(task.context().metricGroup()),
                    () -> {
                        throw new AssertionError("Nobody throttles.");
                    },
                    holds::incrementAndGet);

    @AfterEach
    void stop() {
        task.close();
    }

    @ParameterizedTest(name = "order {0}")
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void keepsTheOrderOfEachKeyAndLosesNothingWhenManyThreadsTakeAndSettleRequests(
            OrderGuarantee order) throws Exception {
        Destination destination = destination(order);
        schedule.add(destination);
        CountDownLatch done = new CountDownLatch(RECORDS_OF_A_KEY);
        AtomicIntegerArray numbers = new AtomicIntegerArray(KEYS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> workers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                workers.add(threads.submit(() -> storeUntil(done, numbers)));
            }
            for (int number = 0; number < RECORDS_OF_A_KEY; number++) {
                schedule.add(Map.of(destination, batch(number, done)));
            }
            for (Future<?> worker : workers) {
                worker.get();
            }
        } finally {
            threads.shutdownNow();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
        }
        for (int key = 0; key < KEYS; key++) {
            assertThat(numbers.get(key)).as("records of key %d", key).isEqualTo(RECORDS_OF_A_KEY);
        }
        assertThat(schedule.requests()).isZero();
    }

    @Test
    void tellsOfARequestThatWaitsForItsAnswerForTooLong() {
        Destination destination = destination(OrderGuarantee.STRICT);
        schedule.add(destination);
        schedule.add(Map.of(destination, batch(1, new CountDownLatch(1))));
        PutRequest request = schedule.next();
        Duration limit = Duration.ofSeconds(7);
        long due = request.sentNanos() + limit.toNanos();
        assertThat(schedule.overdue(due, limit)).isNull();
        assertThat(schedule.overdue(due + 1, limit))
                .hasMessageContaining("Writing 32 records")
                .hasMessageContaining("to stream users/me/orders has not ended within 7 seconds");
        schedule.answered(request);
        schedule.repeat(request);
        assertThat(schedule.overdue(due + 1, limit)).isNull();
    }

    @Test
    void countsWhatIsNotStoredAndLetsGoOfTheRest() {
        Destination destination = destination(OrderGuarantee.RELAXED);
        schedule.add(destination);
        List<PendingRecord> records = batch(1, new CountDownLatch(1));
        schedule.add(Map.of(destination, records));
        long bytes = records.stream().mapToLong(PendingRecord::sizeBytes).sum();
        assertThat(backlog.records()).isEqualTo(KEYS);
        assertThat(backlog.bytes()).isEqualTo(bytes);

        PutRequest request = schedule.next();
        PendingRecord refused = records.get(3);
        schedule.answered(request);
        schedule.settled(destination, records.subList(4, KEYS));
        schedule.refused(destination, refused);
        assertThat(backlog.records()).isEqualTo(4);
        schedule.replaced(List.of(refused));
        assertThat(backlog.records()).isEqualTo(3);
        assertThat(backlog.bytes()).isPositive().isLessThan(bytes);
        assertThat(records).filteredOn(record -> record.routed() != null).hasSize(3);
    }

    @Test
    void asksOnceForATimeAfterWhichASmallRequestIsSent() {
        Destination destination = destination(OrderGuarantee.RELAXED);
        schedule.add(destination);
        schedule.add(Map.of(destination, batch(1, new CountDownLatch(1))));
        PutRequest first = schedule.next();
        assertThat(first.pending()).hasSize(KEYS);
        assertThat(schedule.next()).isNull();
        assertThat(holds).as("nothing waits").hasValue(0);

        schedule.add(Map.of(destination, List.of(record("another", 1))));
        assertThat(schedule.next()).isNull();
        assertThat(schedule.next()).isNull();
        assertThat(holds).hasValue(1);
        schedule.release();
        assertThat(schedule.next().pending()).hasSize(1);
        assertThat(schedule.next()).isNull();

        schedule.add(Map.of(destination, List.of(record("a third", 1))));
        assertThat(schedule.next()).as("the time was for the other one").isNull();
        assertThat(holds).hasValue(2);
        schedule.stored(first);
        assertThat(schedule.next()).as("the second request is under way").isNull();
    }

    /** The places are taken by a request that gets no answer. */
    @Test
    void aSmallRequestDoesNotWaitForEverForPlacesThatNobodyFrees() {
        RequestSchedule narrow =
                new RequestSchedule(
                        new CongestionControl(2, backoff, System::nanoTime),
                        new Backlog(),
                        new SinkMetrics(task.context().metricGroup()),
                        () -> {
                            throw new AssertionError("Nobody throttles.");
                        },
                        holds::incrementAndGet);
        Destination destination = destination(OrderGuarantee.RELAXED);
        narrow.add(destination);
        narrow.add(Map.of(destination, List.of(record("hangs", 1))));
        assertThat(narrow.next().pending()).hasSize(1);

        narrow.add(Map.of(destination, List.of(record("another", 1))));
        PutRequest another = narrow.next();
        int waits = 0;
        while (another == null && waits < 50) {
            waits++;
            assertThat(holds).hasValue(waits);
            narrow.release();
            another = narrow.next();
        }
        assertThat(another).isNotNull();
        assertThat(waits).isGreaterThan(1);
    }

    private void storeUntil(CountDownLatch done, AtomicIntegerArray numbers) {
        while (done.getCount() > 0 && !Thread.currentThread().isInterrupted()) {
            PutRequest request = schedule.next();
            if (request == null) {
                Thread.onSpinWait();
                continue;
            }
            for (PendingRecord record : request.pending()) {
                int key = Integer.parseInt(record.record().partitionKey());
                assertThat(numbers.getAndIncrement(key)).isEqualTo((int) record.sizeBytes());
            }
            schedule.stored(request);
        }
    }

    private static PendingRecord record(String key, long sizeBytes) {
        return new PendingRecord(
                new RoutedRecord(STREAM, PutRecord.of(new byte[0]).withPartitionKey(key)),
                sizeBytes,
                new PendingRecord.Batch(1, ended -> {}));
    }

    /** One record of each key; its number stands where its size would. */
    private static List<PendingRecord> batch(int number, CountDownLatch done) {
        PendingRecord.Batch batch = new PendingRecord.Batch(KEYS, ended -> done.countDown());
        List<PendingRecord> records = new ArrayList<>();
        for (int key = 0; key < KEYS; key++) {
            PutRecord record = PutRecord.of(new byte[0]).withPartitionKey(Integer.toString(key));
            records.add(new PendingRecord(new RoutedRecord(STREAM, record), number, batch));
        }
        return records;
    }

    private static RecordQueue queue(OrderGuarantee order) {
        return order == OrderGuarantee.STRICT
                ? LaneQueue.strict(MAX_RECORDS, Long.MAX_VALUE, Partitioner.DEFAULT)
                : LaneQueue.relaxed(MAX_RECORDS, Long.MAX_VALUE, false, Partitioner.DEFAULT);
    }

    private Destination destination(OrderGuarantee order) {
        SinkSettings.Routing routing =
                new SinkSettings.Routing(
                        List.of(STREAM),
                        null,
                        order,
                        true,
                        Partitioner.DEFAULT,
                        Duration.ofMinutes(1));
        // Nothing has to be asked of this stream, so there is no client.
        StreamSetup setup =
                new StreamSetup(
                        STREAM,
                        routing,
                        0,
                        null,
                        new MailboxCalls(task.context().getMailboxExecutor()),
                        backoff,
                        () -> {},
                        error -> {
                            throw new AssertionError(error);
                        });
        return new Destination(STREAM, setup, queue(order));
    }
}
