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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutResult;
import io.v3io.flink.sink.exactlyonce.StreamLane.Attempt;
import io.v3io.flink.sink.writer.RecordQueue;

import javax.annotation.Nullable;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The requests of a commit that are under way, and those that wait for their next attempt. The
 * committer's thread only; answers arrive on the client's threads.
 */
final class CommitRequests {

    private final V3ioClient client;
    private final int maxInFlight;

    /** What ends a wait: answers, or empty if it is something else. */
    private final BlockingQueue<Optional<Answer>> answers = new LinkedBlockingQueue<>();

    private final PriorityQueue<Attempt> waiting =
            new PriorityQueue<>((a, b) -> Long.signum(a.dueNanos() - b.dueNanos()));
    private int inFlight;

    /** Whether records wait for more that can go with them, and since when. */
    private boolean isHolding;

    private long heldNanos;

    CommitRequests(V3ioClient client, int maxInFlight) {
        this.client = client;
        this.maxInFlight = maxInFlight;
    }

    /** How a request has ended: with results or with an error. */
    record Answer(
            Attempt attempt,
            long nanos,
            @Nullable List<PutResult> results,
            @Nullable Throwable error) {}

    /** From any thread: ends a wait for answers, since there may be more to send. */
    void wakeUp() {
        answers.add(Optional.empty());
    }

    /** Sends what is due, and what the lanes have, as far as there are places for requests. */
    void sendWhatMay(Collection<StreamLane> lanes) {
        long now = System.nanoTime();
        while (inFlight < maxInFlight
                && !waiting.isEmpty()
                && waiting.element().dueNanos() - now <= 0) {
            send(waiting.remove());
        }
        boolean mayBeSmall = isHolding && holdEndNanos() - now <= 0;
        boolean wasHolding = isHolding && !mayBeSmall;
        isHolding = false;
        boolean sent = true;
        while (sent) {
            sent = false;
            for (StreamLane lane : lanes) {
                if (inFlight + waiting.size() >= maxInFlight) {
                    return;
                }
                Attempt attempt = lane.poll(mayBeSmall);
                if (attempt != null) {
                    send(attempt);
                    sent = true;
                }
            }
        }
        isHolding = lanes.stream().anyMatch(StreamLane::isHolding);
        if (isHolding && !wasHolding) {
            heldNanos = now;
        }
    }

    /** When what is kept back is to be sent as it is; later while half of the places are taken. */
    private long holdEndNanos() {
        int holds = inFlight + waiting.size() < maxInFlight / 2 ? 1 : RecordQueue.PATIENT_HOLDS;
        return heldNanos + TimeUnit.MILLISECONDS.toNanos((long) holds * RecordQueue.HOLD_MILLIS);
    }

    private void send(Attempt attempt) {
        inFlight++;
        attempt.sent();
        var unused =
                client.putRecords(attempt.lane().stream(), attempt.putRecords())
                        .whenComplete(
                                (results, error) ->
                                        answers.add(
                                                Optional.of(
                                                        new Answer(
                                                                attempt,
                                                                System.nanoTime(),
                                                                results,
                                                                error))));
    }

    /** Sends a request again after a pause. */
    void sendLater(Attempt attempt, long delayMillis) {
        attempt.isDue(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(delayMillis));
        waiting.add(attempt);
    }

    boolean isAnyInFlight() {
        return inFlight > 0;
    }

    boolean isAnyWaiting() {
        return !waiting.isEmpty();
    }

    /**
     * Waits for answers, until a request is to be sent, again or because it has waited long enough
     * for more records, or something else is due, or until it is woken up.
     *
     * @param otherNanos when that is; empty if nothing is
     * @return none if something is due, or may be
     */
    List<Answer> await(OptionalLong otherNanos) throws InterruptedException {
        long now = System.nanoTime();
        long waitNanos = Long.MAX_VALUE;
        if (!waiting.isEmpty()) {
            waitNanos = waiting.element().dueNanos() - now;
        }
        if (otherNanos.isPresent()) {
            waitNanos = Math.min(waitNanos, otherNanos.getAsLong() - now);
        }
        if (isHolding) {
            waitNanos = Math.min(waitNanos, holdEndNanos() - now);
        }
        List<Answer> arrived = new ArrayList<>();
        Optional<Answer> next = answers.poll(Math.max(0, waitNanos), TimeUnit.NANOSECONDS);
        while (next != null) {
            next.ifPresent(
                    answer -> {
                        arrived(answer);
                        arrived.add(answer);
                    });
            next = answers.poll();
        }
        return arrived;
    }

    private void arrived(Answer answer) {
        inFlight--;
        answer.attempt().answered(answer.nanos());
    }

    /** Waits for a time in which no request is under way, and so no answer can come. */
    void pauseUntil(long nanos) throws InterruptedException {
        long left = nanos - System.nanoTime();
        while (left > 0) {
            answers.poll(left, TimeUnit.NANOSECONDS);
            left = nanos - System.nanoTime();
        }
    }
}
