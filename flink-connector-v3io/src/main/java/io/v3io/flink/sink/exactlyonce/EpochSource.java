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
import io.v3io.client.V3ioException;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochRecords;
import io.v3io.flink.sink.state.RoutedRecord;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The records of an epoch, part by part. While one is worked on, the next ones are fetched already
 * if they were staged. The committer's thread only.
 */
final class EpochSource {

    /** One at a time would be fetched in a round trip, which a distant server makes long. */
    private static final int FETCHED_AHEAD = 4;

    private final Epoch epoch;
    private final V3ioClient client;
    private final Runnable onFetched;
    private final List<StreamPath> streams;
    private final Iterator<Epoch.Part> parts;
    private final Queue<Fetch> ahead = new ArrayDeque<>();

    /** A part that is next; its bytes are on their way if it was staged. */
    private record Fetch(Epoch.Part part, @Nullable CompletableFuture<byte[]> bytes) {}

    /**
     * The records of an epoch, from its first part on.
     *
     * @param onFetched called on any thread when a part is there, or cannot be fetched
     */
    EpochSource(Epoch epoch, V3ioClient client, Runnable onFetched) {
        this.epoch = epoch;
        this.client = client;
        this.onFetched = onFetched;
        this.streams = epoch.floors().stream().map(Epoch.StreamFloor::stream).toList();
        this.parts = epoch.parts().iterator();
    }

    boolean hasNext() {
        return !ahead.isEmpty() || parts.hasNext();
    }

    /** Whether {@link #next} returns at once, or fails. */
    boolean isNextHere() {
        fetchAhead();
        Fetch next = ahead.peek();
        return next != null && (next.bytes == null || next.bytes.isDone());
    }

    /**
     * The records of the next part, in the order they were written in.
     *
     * @throws IOException if the part was staged, and its object is not there any more, or another
     */
    List<RoutedRecord> next() throws IOException, InterruptedException {
        fetchAhead();
        Fetch next = ahead.remove();
        byte[] bytes = bytes(next.part, next.bytes);
        fetchAhead();
        List<RoutedRecord> records = new ArrayList<>();
        EpochRecords.decode(bytes, epoch.id(), streams, records::add);
        return records;
    }

    /**
     * Whether an earlier attempt has left a note that it finished the epoch without records that it
     * gave up. Only a staged epoch has one.
     */
    boolean wasFinished() throws IOException, InterruptedException {
        try {
            return EpochStaging.hasNote(client, epoch).get();
        } catch (ExecutionException e) {
            throw new IOException(
                    "The staging directory could not be read to find out whether epoch "
                            + epoch.id()
                            + " was finished: "
                            + e.getCause().getMessage(),
                    e.getCause());
        }
    }

    private void fetchAhead() {
        while (ahead.size() < FETCHED_AHEAD && parts.hasNext()) {
            Epoch.Part part = parts.next();
            ahead.add(
                    new Fetch(
                            part, part instanceof Epoch.Part.Staged staged ? fetch(staged) : null));
        }
    }

    private CompletableFuture<byte[]> fetch(Epoch.Part.Staged staged) {
        CompletableFuture<byte[]> bytes = client.getObject(staged.container(), staged.path());
        // Not the future that comes of it, which is done only after this.
        var unused = bytes.whenComplete((object, error) -> onFetched.run());
        return bytes;
    }

    private byte[] bytes(Epoch.Part part, @Nullable CompletableFuture<byte[]> fetched)
            throws IOException, InterruptedException {
        if (part instanceof Epoch.Part.Inline inline) {
            return inline.bytes();
        }
        Epoch.Part.Staged staged = (Epoch.Part.Staged) part;
        byte[] bytes;
        try {
            bytes = fetched.get();
        } catch (ExecutionException e) {
            String object =
                    "Records of epoch "
                            + epoch.id()
                            + " were staged as "
                            + staged.container()
                            + "/"
                            + staged.path()
                            + ", which ";
            if (e.getCause() instanceof V3ioException v
                    && v.kind() == V3ioException.Kind.NOT_FOUND) {
                throw new IOException(
                        object
                                + "is gone, and no note says that the epoch was committed."
                                + " Somebody else has removed it; nothing else may use the staging"
                                + " directory. Without this object the job can only go on without"
                                + " its state.",
                        v);
            }
            throw new IOException(
                    object + "could not be read: " + e.getCause().getMessage(), e.getCause());
        }
        if (bytes.length != staged.length() || EpochStaging.crc(bytes) != staged.crc()) {
            throw new IOException(
                    "Records of epoch "
                            + epoch.id()
                            + " were staged as "
                            + staged.container()
                            + "/"
                            + staged.path()
                            + ", but this object holds something else now ("
                            + bytes.length
                            + " bytes, not "
                            + staged.length()
                            + ", or another checksum). Nothing else may write to the staging"
                            + " directory.");
        }
        return bytes;
    }
}
