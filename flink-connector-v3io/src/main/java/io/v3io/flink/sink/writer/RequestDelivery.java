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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.state.RoutedRecord;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Follows the records of one writer until all of them are stored, or the job has to fail: a fatal
 * error, or transient ones beyond the retry policy.
 *
 * <p>What failed is sent again from here, and is not given back to the base class's buffer. Put
 * back there, it would be sent at once, without any wait and without anybody counting the attempts;
 * a dead server would be hit in a loop. Kept here, a failed request holds its place among the
 * requests in flight while it waits, so the more fails the less is sent, the memory stays bounded,
 * and a flush waits for it like for any other.
 *
 * <p>Good answers are judged on the I/O thread that brings them. In strict order this thread also
 * sends what may be sent next: a key's next record waits for the answer to its last one, and two
 * changes of thread for each small request would cost as much time as the server takes. All else
 * belongs to the mailbox thread: encoding large requests, whatever went wrong, the code of users,
 * and waiting. What both need is in the {@link RequestSchedule}; what follows from an answer that
 * is no plain success, the {@link AnswerJudge} decides.
 */
final class RequestDelivery {

    private static final Duration WATCH_INTERVAL = Duration.ofMinutes(1);

    private final SinkSettings settings;
    private final int subtask;
    private final V3ioClient client;
    private final MailboxCalls calls;
    private final RetryBackoff backoff;
    private final CongestionControl congestion;
    private final Backlog backlog;
    private final Consumer<Exception> onFatal;

    private final RequestSchedule schedule;
    private final AnswerJudge judge;

    private final Map<StreamPath, Destination> destinations = new LinkedHashMap<>();

    /** The records of each batch whose end was not told yet, by stream; the oldest batch first. */
    private final Map<PendingRecord.Batch, Collection<List<PendingRecord>>> batches =
            new LinkedHashMap<>();

    /**
     * Follows the records of one writer; nothing is sent before the first is given to it.
     *
     * @param subtask index of this writer among those of the sink
     * @param client repeats nothing itself
     * @param backlog is told what is handed over and what is stored
     * @param onFatal called once when the job has to fail; nothing is sent any more then
     */
    RequestDelivery(
            SinkSettings settings,
            int subtask,
            V3ioClient client,
            MailboxCalls calls,
            CongestionControl congestion,
            Backlog backlog,
            InvalidRecords invalidRecords,
            SinkMetrics metrics,
            Consumer<Exception> onFatal) {
        this.settings = settings;
        this.subtask = subtask;
        this.client = client;
        this.calls = calls;
        this.backoff = settings.backoff();
        this.congestion = congestion;
        this.backlog = backlog;
        this.onFatal = onFatal;
        this.schedule =
                new RequestSchedule(
                        congestion, backlog, metrics, this::waitForResume, this::waitForMore);
        this.judge =
                new AnswerJudge(
                        calls,
                        backoff,
                        schedule,
                        congestion,
                        metrics,
                        new RefusedRecords(
                                settings, invalidRecords, schedule, this::deliver, this::fail),
                        this::sendWhatMay,
                        this::fail);
    }

    /** Begins to look after the answers; {@link #close} ends it. */
    void start() {
        calls.runLater(WATCH_INTERVAL.toMillis(), this::watch);
    }

    /** Begins with what a stream needs, before the first record for it comes. */
    void prepare(StreamPath stream) {
        destination(stream);
    }

    /**
     * Sends records and sees to it that all are stored.
     *
     * @param records 1 to 1,000, together within the limits of one request
     * @param onDone called on the mailbox thread when every record is stored, or given up as the
     *     user chose, unless the job fails or {@link #close} comes first
     */
    void deliver(List<RoutedRecord> records, Runnable onDone) {
        PendingRecord.Batch batch =
                new PendingRecord.Batch(
                        records.size(), done -> calls.run(() -> batchDone(done, onDone)));
        Map<Destination, List<PendingRecord>> byDestination = new LinkedHashMap<>();
        StreamPath stream = null;
        List<PendingRecord> part = List.of();
        for (RoutedRecord routed : records) {
            // Mostly there is one stream for all.
            if (!routed.stream().equals(stream)) {
                stream = routed.stream();
                part =
                        byDestination.computeIfAbsent(
                                destination(stream), d -> new ArrayList<>(records.size()));
            }
            part.add(new PendingRecord(routed, settings.sizeInBytes(routed), batch));
        }
        batches.put(batch, byDestination.values());
        schedule.add(byDestination);
        sendWhatMay();
    }

    private void batchDone(PendingRecord.Batch batch, Runnable onDone) {
        batches.remove(batch);
        onDone.run();
    }

    private Destination destination(StreamPath stream) {
        Destination known = destinations.get(stream);
        if (known != null) {
            return known;
        }
        Destination added = new Destination(stream, newSetup(stream), RecordQueue.create(settings));
        destinations.put(stream, added);
        schedule.add(added);
        added.start();
        return added;
    }

    private StreamSetup newSetup(StreamPath stream) {
        return new StreamSetup(
                stream,
                settings.routing(),
                subtask,
                client,
                calls,
                backoff,
                this::sendWhatMay,
                this::fail);
    }

    /** Requests that wait for an answer or for their next attempt. */
    int requestsInFlight() {
        return schedule.requests();
    }

    /** Whether there are batches whose end was not told yet. */
    boolean isBusy() {
        return !batches.isEmpty();
    }

    /**
     * What was handed over and has to be written still, as far as is known: records that wait, and
     * those whose answer has not come. Of each key, in the order in which they were handed over.
     */
    List<RoutedRecord> unsettled() {
        List<RoutedRecord> unsettled = new ArrayList<>();
        batches.values().forEach(lists -> unsettled.addAll(schedule.unsettled(lists)));
        return unsettled;
    }

    /** Gives up everything; nothing will be called any more. */
    void close() {
        schedule.end();
        calls.close();
    }

    private void fail(Exception reason) {
        if (schedule.end()) {
            onFatal.accept(reason);
        }
    }

    /** Encodes and sends all requests that may be sent now; called on any thread. */
    private void sendWhatMay() {
        for (PutRequest next = schedule.next(); next != null; next = schedule.next()) {
            send(next);
        }
    }

    private void send(PutRequest request) {
        calls.whenAnsweredAnywhere(
                client.putRecords(request.stream(), request.records()),
                (results, error) -> answered(request, results, error));
    }

    private void waitForResume() {
        calls.run(() -> calls.runLater(congestion.pauseMillis(), this::resume));
    }

    private void resume() {
        schedule.resume();
        sendWhatMay();
    }

    private void waitForMore() {
        calls.run(() -> calls.runLater(RecordQueue.HOLD_MILLIS, this::release));
    }

    private void release() {
        schedule.release();
        sendWhatMay();
    }

    private void answered(
            PutRequest request, @Nullable List<PutResult> results, @Nullable Throwable error) {
        if (error == null && RequestOutcome.isAllStored(request.pending(), results)) {
            schedule.stored(request);
            if (settings.routing().order() == OrderGuarantee.STRICT) {
                // A key waits for every round trip, and requests are small.
                sendWhatMay();
                if (backlog.takeWish()) {
                    calls.run(this::sendWhatMay);
                }
            } else {
                // Requests are large, and this thread has other answers to read.
                calls.run(this::sendWhatMay);
            }
        } else {
            calls.run(() -> judge(request, results, error));
        }
    }

    private void judge(
            PutRequest request, @Nullable List<PutResult> results, @Nullable Throwable error) {
        if (!schedule.answered(request)) {
            return;
        }
        judge.judge(request, results, error);
        sendWhatMay();
    }

    /**
     * Each attempt ends by the client's time-outs; a job must not wait for ever if one does not.
     */
    private void watch() {
        Duration limit = settings.attemptLimit();
        IOException overdue = schedule.overdue(System.nanoTime(), limit);
        if (overdue == null) {
            calls.runLater(WATCH_INTERVAL.toMillis(), this::watch);
        } else {
            fail(overdue);
        }
    }
}
