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

import io.v3io.flink.sink.state.RoutedRecord;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * Says which request is sent next. Each stream has a {@link RecordQueue}, which says what the next
 * request may hold; the {@link CongestionControl} says when it may be sent. Repetitions go before
 * new requests.
 *
 * <p>Thread-safe. Guards with its lock what belongs to the streams, too: their queues, and the
 * batches of their records. Nobody holds it for longer than it takes to choose or to settle the
 * records of one request.
 */
final class RequestSchedule {

    private final CongestionControl congestion;
    private final Backlog backlog;
    private final SinkMetrics metrics;
    private final Runnable onPause;
    private final Runnable onHold;

    /** The streams in the order in which they are served; the first one is next. */
    private final ArrayDeque<Destination> turns = new ArrayDeque<>();

    private final Set<PutRequest> requests = new HashSet<>();
    private final Queue<PutRequest> repetitions = new ArrayDeque<>();
    private int sending;
    private boolean waitingForResume;
    private boolean holding;
    private boolean holdIsOver;

    /** Holds that brought nothing to send. */
    private int emptyHolds;

    private boolean ended;

    /**
     * A schedule without streams.
     *
     * @param backlog is told what is handed over and what is stored
     * @param onPause called when nothing is to be sent for the time that the congestion control
     *     says; {@link #resume} is expected after it. Any thread, with the lock held
     * @param onHold called when records are kept back, so that more can go with them; {@link
     *     #release} is expected soon after it. Any thread, with the lock held
     */
    RequestSchedule(
            CongestionControl congestion,
            Backlog backlog,
            SinkMetrics metrics,
            Runnable onPause,
            Runnable onHold) {
        this.congestion = congestion;
        this.backlog = backlog;
        this.metrics = metrics;
        this.onPause = onPause;
        this.onHold = onHold;
    }

    /** Serves another stream. */
    synchronized void add(Destination destination) {
        turns.add(destination);
    }

    /** Takes the records of one batch. */
    synchronized void add(Map<Destination, List<PendingRecord>> records) {
        records.forEach(Destination::add);
        records.values().forEach(added -> backlog.change(added.size(), sizeBytes(added)));
    }

    /** What is to be sent now; null if nothing is, or if nothing may. */
    @Nullable
    synchronized PutRequest next() {
        if (ended || sending >= congestion.limit() || isPaused()) {
            return null;
        }
        PutRequest next = repetitions.poll();
        if (next == null) {
            next = newRequest();
        }
        if (next != null) {
            begin(next);
        }
        return next;
    }

    private boolean isPaused() {
        boolean paused = congestion.pauseMillis() > 0;
        if (paused && !waitingForResume) {
            waitingForResume = true;
            onPause.run();
        }
        return paused;
    }

    /** The time of a pause is over. */
    synchronized void resume() {
        waitingForResume = false;
    }

    /** What is kept back has waited long enough for more. */
    synchronized void release() {
        holding = false;
        holdIsOver = true;
    }

    @Nullable
    private PutRequest newRequest() {
        // Those that wait for their next attempt hold their places.
        if (requests.size() >= congestion.limit()) {
            return null;
        }
        // When most places are taken, a small request would take one from a full one. But those
        // that have them may be waiting for answers that never come.
        boolean mayBeSmall =
                holdIsOver
                        && (requests.size() < congestion.limit() / 2
                                || emptyHolds >= RecordQueue.PATIENT_HOLDS);
        for (int i = 0; i < turns.size(); i++) {
            Destination destination = turns.remove();
            turns.add(destination);
            List<PendingRecord> records = destination.poll(mayBeSmall);
            if (!records.isEmpty()) {
                PutRequest request = new PutRequest(destination, records);
                requests.add(request);
                emptyHolds = 0;
                return request;
            }
        }
        emptyHolds += holdIsOver ? 1 : 0;
        holdIsOver = false;
        hold();
        return null;
    }

    private void hold() {
        if (!holding && turns.stream().anyMatch(Destination::isHolding)) {
            holding = true;
            onHold.run();
        }
    }

    private void begin(PutRequest request) {
        List<PendingRecord> records = request.pending();
        if (request.isNew()) {
            metrics.requestSent(records.size(), sizeBytes(records));
        } else {
            metrics.sentAgain(records.size());
        }
        request.begin();
        sending++;
        request.destination().sent();
    }

    private static long sizeBytes(List<PendingRecord> records) {
        long bytes = 0;
        for (PendingRecord record : records) {
            bytes += record.sizeBytes();
        }
        return bytes;
    }

    /**
     * A request has its answer, whatever this means for its records.
     *
     * @return false if nobody wants to know any more
     */
    synchronized boolean answered(PutRequest request) {
        if (ended) {
            return false;
        }
        sending--;
        request.end();
        request.destination().answered();
        return true;
    }

    /** The answer to a request says that all its records are stored. */
    synchronized void stored(PutRequest request) {
        if (answered(request)) {
            settled(request.destination(), request.pending());
            congestion.served(request.sentNanos());
            done(request);
        }
    }

    /** Records of a request are stored. */
    synchronized void settled(Destination destination, List<PendingRecord> records) {
        settle(records);
        for (PendingRecord record : records) {
            destination.settled(record);
            record.batch().recordDone();
        }
    }

    private void settle(List<PendingRecord> records) {
        records.forEach(PendingRecord::settle);
        backlog.change(-records.size(), -sizeBytes(records));
    }

    /** A record is no longer part of a request; what becomes of it is still to be decided. */
    synchronized void refused(Destination destination, PendingRecord record) {
        destination.settled(record);
    }

    /** A refused record is given up. */
    synchronized void givenUp(PendingRecord record) {
        settle(List.of(record));
        record.batch().recordDone();
    }

    /** Others are to be stored in the place of refused records. */
    synchronized void replaced(List<PendingRecord> records) {
        settle(records);
    }

    /** Those others are stored. */
    synchronized void replacementsStored(List<PendingRecord> records) {
        records.forEach(record -> record.batch().recordDone());
    }

    /** The records of these lists that have to be written still, in their order. */
    synchronized List<RoutedRecord> unsettled(Collection<List<PendingRecord>> lists) {
        List<RoutedRecord> unsettled = new ArrayList<>();
        for (List<PendingRecord> list : lists) {
            for (PendingRecord record : list) {
                if (!record.isSettled()) {
                    unsettled.add(record.routed());
                }
            }
        }
        return unsettled;
    }

    /**
     * Nothing of what a request holds now has to be sent again. What it holds beside that is sent
     * next.
     */
    synchronized void done(PutRequest request) {
        if (request.takeNextPart()) {
            repetitions.add(request);
        } else {
            requests.remove(request);
        }
    }

    /** Why the job has to fail if a request has waited for so long; null if none has. */
    @Nullable
    synchronized IOException overdue(long nanoTime, Duration limit) {
        long nanos = nanoTime - limit.toNanos();
        for (PutRequest request : requests) {
            if (request.isUnderWay() && request.sentNanos() - nanos < 0) {
                return SinkErrors.neverAnswered(request.stream(), request.records(), limit);
            }
        }
        return null;
    }

    /** What is left of a request is to be sent as soon as may be. */
    synchronized void repeat(PutRequest request) {
        repetitions.add(request);
    }

    /** Requests that wait for an answer or for their next attempt. */
    synchronized int requests() {
        return requests.size();
    }

    /**
     * Gives up everything.
     *
     * @return false if that has happened before
     */
    synchronized boolean end() {
        boolean first = !ended;
        ended = true;
        requests.clear();
        repetitions.clear();
        return first;
    }
}
