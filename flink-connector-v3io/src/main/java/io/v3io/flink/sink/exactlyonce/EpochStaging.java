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
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * The objects in which one attempt of a writer keeps records until their epoch is committed; {@link
 * StagedName} says what their names tell.
 *
 * <p>So an attempt that was restored from a checkpoint can tell what its dead predecessors in the
 * same submission of the job have left. An epoch that began before that checkpoint may be in it,
 * and its committer then needs the objects. An epoch that was never prepared is in no state, and
 * its objects are removed at once. One that began after the restored checkpoint and was prepared
 * may be in a savepoint: Flink never restores a failed job from a savepoint that was taken while
 * the job went on, but somebody may start a job from it.
 *
 * <p>The operator is that of the sink in its job, which is the same one when the job is submitted
 * again; the submission is another one, also where all have the same job id. Numbers of checkpoints
 * say nothing about the objects of another submission, to whose state somebody may go back.
 *
 * <p>What some state may need stays until the streams have forgotten what could be looked for. That
 * is so when the youngest object of the epoch is older than their retention: an epoch may have been
 * written for longer than that, and none of its objects is of use without the others.
 *
 * <p>Objects of epochs that began before the restored checkpoint stay until the next checkpoint at
 * least. Flink makes none before a committer has finished what it was restored with: it does so
 * before its task is running, and a checkpoint needs all tasks running. But Flink 2.0 keeps back
 * what was written last before the end of the input, until the end comes once more.
 *
 * <p>An object may be left in the place of an epoch's objects, its <em>note</em>, which says that
 * the epoch was finished, and that some of its records were given up or stored where no look finds
 * them. It is named after the last of these objects, and so as old as the epoch.
 */
final class EpochStaging {

    private static final Logger LOG = LoggerFactory.getLogger(EpochStaging.class);

    private final V3ioClient client;
    private final StreamPath directory;
    private final StagingOwner owner;
    private final LongSupplier clockMillis;
    private final long startMillis;

    EpochStaging(
            V3ioClient client, StreamPath directory, StagingOwner owner, LongSupplier clockMillis) {
        this.client = client;
        this.directory = directory;
        this.owner = owner;
        this.clockMillis = clockMillis;
        this.startMillis = clockMillis.getAsLong();
    }

    /**
     * Stores some records of an epoch, under a name that the client's retries keep.
     *
     * @param prepared whether the epoch is being prepared, and these are its last records
     */
    CompletableFuture<Epoch.Part> put(
            EpochId epoch, long startedAfter, int part, boolean prepared, byte[] bytes) {
        String name =
                StagedName.of(owner, clockMillis.getAsLong(), epoch, startedAfter, part, prepared)
                        .text();
        Epoch.Part staged =
                new Epoch.Part.Staged(
                        directory.container(),
                        directory.path() + "/" + name,
                        bytes.length,
                        crc(bytes));
        return client.putObject(directory.container(), directory.path() + "/" + name, bytes)
                .thenApply(stored -> staged);
    }

    /**
     * Removes objects whose records are committed, or never will be. Those that cannot be removed
     * stay for the next start; one line of the log says how many.
     */
    static CompletableFuture<Void> remove(V3ioClient client, List<Epoch.Part> parts) {
        List<CompletableFuture<Void>> removals = new ArrayList<>();
        Queue<String> kept = new ConcurrentLinkedQueue<>();
        for (Epoch.Part part : parts) {
            if (part instanceof Epoch.Part.Staged staged) {
                removals.add(
                        client.deleteObject(staged.container(), staged.path())
                                .exceptionally(
                                        e -> {
                                            kept.add(
                                                    staged.container()
                                                            + "/"
                                                            + staged.path()
                                                            + ": "
                                                            + e.getMessage());
                                            return null;
                                        }));
            }
        }
        return CompletableFuture.allOf(removals.toArray(CompletableFuture[]::new))
                .thenRun(() -> tellOfKept(kept, removals.size()));
    }

    private static void tellOfKept(Queue<String> kept, int all) {
        if (!kept.isEmpty()) {
            LOG.warn(
                    "{} of {} staged objects are not needed any more, but could not be removed. One"
                            + " of them is {}",
                    kept.size(),
                    all,
                    kept.peek());
        }
    }

    /**
     * Leaves a note that an epoch was finished although a look will not find all of its records;
     * only a staged epoch has one.
     */
    static CompletableFuture<Void> note(V3ioClient client, Epoch epoch) {
        Optional<Epoch.Part.Staged> last = lastStaged(epoch);
        return last.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : client.putObject(
                        last.get().container(),
                        last.get().path() + StagedName.NOTE,
                        new byte[] {1});
    }

    /** Removes what {@link #note} has left. */
    static CompletableFuture<Void> removeNote(V3ioClient client, Epoch epoch) {
        Optional<Epoch.Part.Staged> last = lastStaged(epoch);
        return last.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : client.deleteObject(last.get().container(), last.get().path() + StagedName.NOTE);
    }

    /** Whether {@link #note} was called for the epoch, by any attempt. */
    static CompletableFuture<Boolean> hasNote(V3ioClient client, Epoch epoch) {
        Optional<Epoch.Part.Staged> last = lastStaged(epoch);
        if (last.isEmpty()) {
            return CompletableFuture.completedFuture(false);
        }
        return client.getObject(last.get().container(), last.get().path() + StagedName.NOTE)
                .thenApply(bytes -> true)
                .exceptionallyCompose(
                        error -> {
                            Throwable cause =
                                    error instanceof CompletionException ? error.getCause() : error;
                            return cause instanceof V3ioException e
                                            && e.kind() == V3ioException.Kind.NOT_FOUND
                                    ? CompletableFuture.completedFuture(false)
                                    : CompletableFuture.failedFuture(cause);
                        });
    }

    private static Optional<Epoch.Part.Staged> lastStaged(Epoch epoch) {
        return epoch.parts().stream()
                .filter(Epoch.Part.Staged.class::isInstance)
                .map(Epoch.Part.Staged.class::cast)
                .reduce((before, last) -> last);
    }

    /**
     * Removes what dead attempts of the writers in whose place this one writes have left.
     *
     * @param parallelism how many writers the sink has
     * @param restored the checkpoint that it was restored from
     * @param streams what the sink writes to
     */
    CompletableFuture<Void> removeLeftovers(
            int parallelism, OptionalLong restored, List<StreamPath> streams) {
        return leftovers(parallelism)
                .thenCompose(
                        epochs -> {
                            Map<Boolean, List<List<StagedName>>> byState =
                                    epochs.stream()
                                            .filter(epoch -> !mayBeRestored(epoch, restored))
                                            .collect(
                                                    Collectors.partitioningBy(
                                                            this::mayBeInAnyState));
                            return removeNamed(byState.get(false))
                                    .thenCompose(
                                            done -> removeForgotten(byState.get(true), streams));
                        });
    }

    /**
     * Removes, of what {@link #removeLeftovers} had to leave because the restored checkpoint might
     * hold it, what the streams have forgotten; to be called when there is a newer checkpoint.
     */
    CompletableFuture<Void> removeOutlived(
            int parallelism, OptionalLong restored, List<StreamPath> streams) {
        return leftovers(parallelism)
                .thenCompose(
                        epochs ->
                                removeForgotten(
                                        epochs.stream()
                                                .filter(epoch -> mayBeRestored(epoch, restored))
                                                .toList(),
                                        streams));
    }

    /** The objects of this operator's other attempts whose place this one has taken, by epoch. */
    private CompletableFuture<List<List<StagedName>>> leftovers(int parallelism) {
        return client.listObjects(directory.container(), directory.path())
                .thenApply(
                        names ->
                                List.copyOf(
                                        names.stream()
                                                .flatMap(name -> StagedName.parse(name).stream())
                                                .filter(name -> isOfAnother(name, parallelism))
                                                .collect(Collectors.groupingBy(StagedName::epoch))
                                                .values()));
    }

    private boolean isOfAnother(StagedName name, int parallelism) {
        return name.operator().equals(owner.operator())
                && name.epoch().subtask() % parallelism == owner.subtask()
                && name.epoch().lineage() != owner.lineage();
    }

    /** Whether the epoch began before the restored checkpoint, which may hold it then. */
    private static boolean mayBeRestored(List<StagedName> epoch, OptionalLong restored) {
        return restored.isPresent() && epoch.get(0).startedAfter() < restored.getAsLong();
    }

    /**
     * Whether a checkpoint or savepoint, of whatever submission, holds the epoch or may still get
     * it. What was put after this attempt began may be of the one that has replaced it.
     */
    private boolean mayBeInAnyState(List<StagedName> epoch) {
        return !epoch.get(0).submission().equals(owner.submission())
                || epoch.stream()
                        .anyMatch(
                                name ->
                                        name.prepared()
                                                || name.note()
                                                || name.putMillis() > startMillis);
    }

    /** Removes epochs whose records no look could find in the streams any more. */
    private CompletableFuture<Void> removeForgotten(
            List<List<StagedName>> epochs, List<StreamPath> streams) {
        if (epochs.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return longestRetention(streams)
                .thenCompose(
                        retention -> {
                            long oldest = clockMillis.getAsLong() - retention.toMillis();
                            Map<Boolean, List<List<StagedName>>> byAge =
                                    epochs.stream()
                                            .collect(
                                                    Collectors.partitioningBy(
                                                            epoch ->
                                                                    youngestMillis(epoch)
                                                                            < oldest));
                            long kept =
                                    byAge.get(false).stream()
                                            .flatMap(List::stream)
                                            .filter(name -> !name.note())
                                            .count();
                            if (kept > 0) {
                                LOG.warn(
                                        "Earlier attempts or another submission of the job have"
                                                + " left {} objects in the staging directory {}. They"
                                                + " stay there for as long as the streams keep records,"
                                                + " in case that somebody goes back to a savepoint or"
                                                + " checkpoint that they belong to; remove them if"
                                                + " nobody will.",
                                        kept,
                                        directory);
                            }
                            return removeNamed(byAge.get(true));
                        });
    }

    private static long youngestMillis(List<StagedName> epoch) {
        return epoch.stream().mapToLong(StagedName::putMillis).max().orElseThrow();
    }

    private CompletableFuture<Duration> longestRetention(List<StreamPath> streams) {
        List<CompletableFuture<StreamDescription>> calls =
                streams.stream().map(client::describeStream).toList();
        return CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new))
                .thenApply(
                        done ->
                                Duration.ofHours(
                                        calls.stream()
                                                .mapToInt(call -> call.join().retentionHours())
                                                .max()
                                                .orElseThrow()));
    }

    private CompletableFuture<Void> removeNamed(List<List<StagedName>> epochs) {
        return remove(
                client,
                epochs.stream()
                        .flatMap(List::stream)
                        .<Epoch.Part>map(
                                name ->
                                        new Epoch.Part.Staged(
                                                directory.container(),
                                                directory.path() + "/" + name.text(),
                                                0,
                                                0))
                        .toList());
    }

    static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
