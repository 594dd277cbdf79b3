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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.InvalidRecord;
import io.v3io.flink.sink.state.RoutedRecord;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Consumer;

/**
 * The records that the server refuses for themselves. The user's policy or handler decides about
 * each; dead letters are delivered in batches, like all else.
 *
 * <p>A dead letter may be much larger than the record that it stands for, and one answer may refuse
 * a thousand. So the handler is asked for as many as fit into one request; the other records wait
 * here as they are, until dead letters are stored.
 *
 * <p>Mailbox thread only.
 */
final class RefusedRecords {

    /** Sends records; the action is called when all of them are stored. */
    @FunctionalInterface
    interface Delivery {
        void deliver(List<RoutedRecord> records, Runnable onDone);
    }

    private final SinkSettings settings;
    private final InvalidRecords invalidRecords;
    private final RequestSchedule schedule;
    private final Delivery delivery;
    private final Consumer<Exception> onFatal;
    private final Queue<Refused> waiting = new ArrayDeque<>();

    /** Bytes of JSON of the dead letters that are not stored yet. */
    private long deadLetterBytes;

    RefusedRecords(
            SinkSettings settings,
            InvalidRecords invalidRecords,
            RequestSchedule schedule,
            Delivery delivery,
            Consumer<Exception> onFatal) {
        this.settings = settings;
        this.invalidRecords = invalidRecords;
        this.schedule = schedule;
        this.delivery = delivery;
        this.onFatal = onFatal;
    }

    /** Whether records of a stream are dead letters, which have no other stream to go to. */
    boolean areDeadLetters(StreamPath stream) {
        return invalidRecords.isDeadLetter(stream);
    }

    /** Takes a record, which is {@link #handle handled} later and no longer part of a request. */
    void add(Destination destination, PendingRecord record, String reason) {
        schedule.refused(destination, record);
        waiting.add(new Refused(destination.stream(), record, reason));
    }

    /** Handles what there is room for. */
    void handle() {
        try {
            while (!waiting.isEmpty() && deadLetterBytes < settings.maxRecordBytesPerRequest()) {
                handleBatch();
            }
        } catch (IOException e) {
            onFatal.accept(e);
        }
    }

    private void handleBatch() throws IOException {
        long room = settings.maxRecordBytesPerRequest();
        List<RoutedRecord> deadLetters = new ArrayList<>();
        List<PendingRecord> replaced = new ArrayList<>();
        long bytes = 0;
        while (!waiting.isEmpty()
                && deadLetters.size() < settings.maxBatchSize()
                && deadLetterBytes + bytes < room) {
            Refused next = waiting.remove();
            Optional<RoutedRecord> deadLetter = invalidRecords.handle(next.invalid());
            if (deadLetter.isEmpty()) {
                schedule.givenUp(next.record());
                continue;
            }
            long size = settings.sizeInBytes(deadLetter.get());
            if (bytes + size > room) {
                deliver(deadLetters, replaced, bytes);
                deadLetters = new ArrayList<>();
                replaced = new ArrayList<>();
                bytes = 0;
            }
            deadLetters.add(deadLetter.get());
            replaced.add(next.record());
            bytes += size;
        }
        deliver(deadLetters, replaced, bytes);
    }

    private void deliver(List<RoutedRecord> deadLetters, List<PendingRecord> replaced, long bytes) {
        if (deadLetters.isEmpty()) {
            return;
        }
        deadLetterBytes += bytes;
        schedule.replaced(replaced);
        delivery.deliver(
                deadLetters,
                () -> {
                    deadLetterBytes -= bytes;
                    // The batch of a record that was replaced ends with its dead letter.
                    schedule.replacementsStored(replaced);
                    handle();
                });
    }

    /** A record that waits for the handler, and why the server refused it. */
    private record Refused(StreamPath stream, PendingRecord record, String reason) {

        InvalidRecord invalid() {
            return new InvalidRecord(stream.toString(), record.record(), reason);
        }
    }
}
