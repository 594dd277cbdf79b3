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

package io.v3io.flink.deadletter;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import org.apache.flink.annotation.Internal;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;

/**
 * Stores dead letters, at least once. Whoever adds them must stop when there is no {@link #hasRoom
 * room}, and {@link #awaitStored wait} at a snapshot: a position in a checkpoint then never passes
 * a record whose dead letter is not stored.
 *
 * <p>Used by the task's main thread; futures are completed on the client's I/O threads.
 */
@Internal
public final class DeadLetterWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWriter.class);

    /** JSON of records that wait or are under way; one more record may come on top. */
    public static final long MAX_PENDING_BYTES = 16L * 1024 * 1024;

    private static final int MAX_REASON_CHARS = 2_000;

    /** Is told how much there is; called on any thread, one call at a time. */
    public interface Progress {

        /** So many more records are stored in the dead-letter stream. */
        void deadLettersStored(int records);

        /** So many bytes of JSON are not stored yet. */
        void deadLettersPending(long bytes);
    }

    private final V3ioClient client;
    private final DeadLetterSettings settings;
    private final PendingDeadLetters pending;
    private final DeadLetterRequests requests;
    private volatile Runnable onFailure = () -> {};
    private boolean isChecked;
    private long timesFull;

    /** A writer that has nothing to write; the client stays the caller's. */
    public DeadLetterWriter(V3ioClient client, DeadLetterSettings settings, Progress progress) {
        this.client = client;
        this.settings = settings;
        this.pending = new PendingDeadLetters(MAX_PENDING_BYTES, progress);
        this.requests = new DeadLetterRequests(client, settings, pending, this::fail);
    }

    /** Calls this once, on any thread, when nothing is stored any more. */
    public void onFailure(Runnable action) {
        onFailure = action;
    }

    /**
     * A dead letter that is read cannot be decoded either, and would make another one for ever.
     *
     * @throws IllegalStateException if this is the stream of the dead letters
     */
    public void refuseToRead(StreamPath stream) {
        if (stream.equals(settings.stream())) {
            throw new IllegalStateException(
                    "Stream "
                            + stream
                            + " is read, as the checkpoint says, and is to take the dead letters, too."
                            + " Correct "
                            + settings.setting()
                            + ", or drop the stream from the checkpoint with "
                            + settings.settingThatDrops()
                            + ".");
        }
    }

    /**
     * Looks once whether the stream is there, so that a mistake is seen before the first dead
     * letter.
     */
    public void checkStream() {
        if (isChecked) {
            return;
        }
        isChecked = true;
        CompletableFuture<StreamDescription> unused =
                client.describeStream(settings.stream())
                        .whenComplete(
                                (description, error) -> {
                                    if (error instanceof V3ioException e
                                            && (e.kind() == Kind.NOT_FOUND
                                                    || e.kind() == Kind.NOT_A_STREAM)) {
                                        fail(settings.explain(e));
                                    }
                                });
    }

    /**
     * Takes a record that could not be decoded.
     *
     * @param error why
     * @throws IOException if nothing can be stored any more
     */
    public void add(StreamRecord record, Throwable error) throws IOException {
        String reason = client.withoutSecrets(words(error), MAX_REASON_CHARS);
        long bytesWithoutRoom =
                pending.add(
                        DeadLetterEncoder.encode(
                                settings.endpoint(), record, error.getClass().getName(), reason));
        if (bytesWithoutRoom > 0) {
            timesFull++;
            if (Long.bitCount(timesFull) == 1) {
                LOG.warn(
                        "Dead-letter stream {}: {} bytes are not stored yet, so this reader waits,"
                                + " for the {}. time. To withIdleness it looks idle meanwhile.",
                        settings.stream(),
                        bytesWithoutRoom,
                        timesFull);
            }
        }
        requests.begin();
    }

    /** What an error and its causes say, each once. */
    private static String words(Throwable error) {
        StringBuilder words = new StringBuilder();
        int depth = 0;
        for (Throwable cause = error; cause != null && depth < 20; cause = cause.getCause()) {
            String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            if (words.indexOf(message) < 0) {
                words.append(words.isEmpty() ? "" : " / ").append(message);
            }
            depth++;
        }
        return words.toString();
    }

    /** Whether more may be added. */
    public boolean hasRoom() {
        return pending.hasRoom();
    }

    /**
     * Done when there is room, or nothing is stored any more. A copy, because Flink completes what
     * a reader gives it when it changes to another reader.
     */
    public CompletableFuture<Void> room() {
        return pending.room();
    }

    /** Whether all that was added is stored. */
    public boolean isStored() {
        return pending.isStored();
    }

    /** Done when all that was added is stored, or nothing is stored any more; a copy. */
    public CompletableFuture<Void> stored() {
        return pending.stored();
    }

    /**
     * Waits until all that was added is stored, for as long as there is progress: as the retry
     * policy and one answer allow for each request.
     *
     * @throws IOException if it cannot be stored
     */
    public void awaitStored() throws IOException, InterruptedException {
        if (!pending.awaitStored(settings.limit())) {
            fail("none was stored in " + settings.limit().toSeconds() + " s.");
            throwIfFailed();
            throw new IOException("The dead letters were given up before all of them were stored.");
        }
    }

    /** Says why nothing can be stored any more, if that is so. */
    public void throwIfFailed() throws IOException {
        pending.throwIfFailed();
    }

    private void fail(String reason) {
        boolean isFirst =
                pending.fail(
                        "Dead letters cannot be stored in stream "
                                + settings.stream()
                                + ": "
                                + reason
                                + " The job fails, because no checkpoint may pass a record whose dead"
                                + " letter is not stored.");
        if (isFirst) {
            onFailure.run();
        }
    }

    /** Gives up what is not stored. Before the client is closed. */
    @Override
    public void close() {
        requests.close();
    }
}
