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

import org.apache.flink.api.connector.sink2.WriterInitContext;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32C;

/**
 * The objects in which one attempt of a writer keeps records until their epoch is committed. A name
 * says whose they are, when they were put there (ms since 1970), and after which checkpoint their
 * epoch began:
 *
 * <pre>
 * &lt;operator&gt;.&lt;submission&gt;.&lt;put&gt;.&lt;subtask&gt;.&lt;lineage&gt;.&lt;checkpoint&gt;.&lt;epoch&gt;.&lt;part&gt;
 * </pre>
 *
 * <p>So an attempt that was restored from a checkpoint can tell what its dead predecessors in the
 * same submission of the job have left: an epoch that began before that checkpoint may be in it,
 * and its committer then needs the objects; one that began after it will never be committed.
 *
 * <p>The operator is that of the sink in its job, which is the same one when the job is submitted
 * again; the submission is another one, also where all have the same job id. Numbers of checkpoints
 * say nothing about the objects of another submission, to whose state somebody may go back. They
 * stay until the streams have forgotten what could be looked for.
 *
 * <p>So do those of epochs that began before the restored checkpoint, and they stay until the next
 * checkpoint at least. Flink makes none before a committer has finished what it was restored with:
 * it does so before its task is running, and a checkpoint needs all tasks running. But Flink 2.0
 * keeps back what was written last before the end of the input, until the end comes once more.
 *
 * <p>An object may be left in the place of an epoch's parts, its <em>note</em>, which says that the
 * epoch was finished, and that some of its records were given up and can never be found.
 */
final class EpochStaging {

    private static final Logger LOG = LoggerFactory.getLogger(EpochStaging.class);

    private static final Pattern NAME =
            Pattern.compile(
                    "(?<operator>[0-9a-f]{16})\\.(?<submission>[0-9a-f]{32})\\.(?<put>\\d{1,18})"
                            + "\\.(?<subtask>\\d{1,5})\\.(?<lineage>[0-9a-f]{12})"
                            + "\\.(?<checkpoint>-1|\\d{1,18})\\.\\d{1,10}\\.\\d{1,10}"
                            + "(?<note>\\.finished)?");

    private static final String NOTE = ".finished";

    /** Flink's name for it among the variables of a metric group. */
    private static final String OPERATOR_ID = "<operator_id>";

    private static final int OPERATOR_BYTES = 8;
    private static final int SUBMISSION_BYTES = 16;

    private final V3ioClient client;
    private final StreamPath directory;
    private final Owner owner;
    private final LongSupplier clockMillis;

    /**
     * Whose objects these are.
     *
     * @param operator names the sink within its job, and what it writes to
     * @param submission names the submission of the job
     * @param subtask index of the writer
     * @param lineage of this attempt
     */
    record Owner(String operator, String submission, int subtask, long lineage) {

        /**
         * The attempt that has this context.
         *
         * @param streams what the sink writes to
         * @param build names the sink as it was built, which was done once for a submission
         */
        static Owner of(
                WriterInitContext context, List<StreamPath> streams, UUID build, long lineage) {
            String id = context.metricGroup().getAllVariables().get(OPERATOR_ID);
            if (id == null) {
                throw new IllegalStateException(
                        "Flink's metrics do not name the operator (" + OPERATOR_ID + ").");
            }
            MessageDigest digest = sha256();
            digest.update(id.getBytes(StandardCharsets.UTF_8));
            streams.stream()
                    .map(StreamPath::toString)
                    .sorted()
                    .forEach(s -> digest.update(("\n" + s).getBytes(StandardCharsets.UTF_8)));
            MessageDigest submission = sha256();
            submission.update(context.getJobInfo().getJobId().getBytes());
            submission.update(build.toString().getBytes(StandardCharsets.UTF_8));
            return new Owner(
                    HexFormat.of().formatHex(digest.digest(), 0, OPERATOR_BYTES),
                    HexFormat.of().formatHex(submission.digest(), 0, SUBMISSION_BYTES),
                    context.getTaskInfo().getIndexOfThisSubtask(),
                    lineage);
        }
    }

    EpochStaging(V3ioClient client, StreamPath directory, Owner owner, LongSupplier clockMillis) {
        this.client = client;
        this.directory = directory;
        this.owner = owner;
        this.clockMillis = clockMillis;
    }

    /** Stores some records of an epoch, under a name that the client's retries keep. */
    CompletableFuture<Epoch.Part> put(EpochId epoch, long startedAfter, int part, byte[] bytes) {
        String name =
                String.format(
                        Locale.ROOT,
                        "%s.%s.%d.%d.%012x.%d.%d.%d",
                        owner.operator(),
                        owner.submission(),
                        clockMillis.getAsLong(),
                        epoch.subtask(),
                        epoch.lineage(),
                        startedAfter,
                        epoch.number(),
                        part);
        Epoch.Part staged =
                new Epoch.Part.Staged(
                        directory.container(),
                        directory.path() + "/" + name,
                        bytes.length,
                        crc(bytes));
        return client.putObject(directory.container(), directory.path() + "/" + name, bytes)
                .thenApply(stored -> staged);
    }

    /** Removes objects whose records are committed, or never will be. */
    static CompletableFuture<Void> remove(V3ioClient client, List<Epoch.Part> parts) {
        List<CompletableFuture<Void>> removals = new ArrayList<>();
        for (Epoch.Part part : parts) {
            if (part instanceof Epoch.Part.Staged staged) {
                removals.add(
                        client.deleteObject(staged.container(), staged.path())
                                .exceptionally(
                                        e -> {
                                            LOG.warn(
                                                    "Object {}/{} is not needed any more, but"
                                                            + " could not be removed: {}",
                                                    staged.container(),
                                                    staged.path(),
                                                    e.getMessage());
                                            return null;
                                        }));
            }
        }
        return CompletableFuture.allOf(removals.toArray(CompletableFuture[]::new));
    }

    /**
     * Leaves a note that an epoch was finished without some records that were given up; only a
     * staged epoch has one.
     */
    static CompletableFuture<Void> note(V3ioClient client, Epoch epoch) {
        Optional<Epoch.Part.Staged> first = firstStaged(epoch);
        return first.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : client.putObject(
                        first.get().container(), first.get().path() + NOTE, new byte[] {1});
    }

    /** Removes what {@link #note} has left. */
    static CompletableFuture<Void> removeNote(V3ioClient client, Epoch epoch) {
        Optional<Epoch.Part.Staged> first = firstStaged(epoch);
        return first.isEmpty()
                ? CompletableFuture.completedFuture(null)
                : client.deleteObject(first.get().container(), first.get().path() + NOTE);
    }

    /** Whether {@link #note} was called for the epoch, by any attempt. */
    static CompletableFuture<Boolean> hasNote(V3ioClient client, Epoch epoch) {
        Epoch.Part.Staged first = firstStaged(epoch).orElseThrow();
        return client.getObject(first.container(), first.path() + NOTE)
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

    private static Optional<Epoch.Part.Staged> firstStaged(Epoch epoch) {
        return epoch.parts().stream()
                .filter(Epoch.Part.Staged.class::isInstance)
                .map(Epoch.Part.Staged.class::cast)
                .findFirst();
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
        return client.listObjects(directory.container(), directory.path())
                .thenCompose(
                        names -> {
                            Map<Boolean, List<String>> ofThisSubmission =
                                    names.stream()
                                            .filter(name -> isOfAnother(name, parallelism))
                                            .filter(name -> !isInState(name, restored))
                                            .collect(
                                                    Collectors.partitioningBy(
                                                            name ->
                                                                    isOfThisSubmission(name)
                                                                            && !isNote(name)));
                            return removeNamed(ofThisSubmission.get(true))
                                    .thenCompose(
                                            done ->
                                                    removeForgotten(
                                                            ofThisSubmission.get(false), streams));
                        });
    }

    /**
     * Removes, of what {@link #removeLeftovers} had to leave because the restored checkpoint might
     * hold it, what the streams have forgotten; to be called when there is a newer checkpoint.
     */
    CompletableFuture<Void> removeOutlived(
            int parallelism, OptionalLong restored, List<StreamPath> streams) {
        return client.listObjects(directory.container(), directory.path())
                .thenCompose(
                        names ->
                                removeForgotten(
                                        names.stream()
                                                .filter(name -> isOfAnother(name, parallelism))
                                                .filter(name -> isInState(name, restored))
                                                .toList(),
                                        streams));
    }

    /** Removes what no look could find in the streams any more. */
    private CompletableFuture<Void> removeForgotten(List<String> names, List<StreamPath> streams) {
        if (names.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return longestRetention(streams)
                .thenCompose(
                        retention -> {
                            long oldest = clockMillis.getAsLong() - retention.toMillis();
                            Predicate<String> forgotten = name -> putMillis(name) < oldest;
                            long kept =
                                    names.stream()
                                            .filter(forgotten.negate())
                                            .filter(name -> !isNote(name))
                                            .count();
                            if (kept > 0) {
                                LOG.warn(
                                        "Another submission of the job, or an attempt that could"
                                                + " not remove them, has left {} objects in the"
                                                + " staging directory {}. They stay there for as"
                                                + " long as the streams keep records, in case that"
                                                + " somebody goes back to the state that they"
                                                + " belong to; remove them if nobody will.",
                                        kept,
                                        directory);
                            }
                            return removeNamed(names.stream().filter(forgotten).toList());
                        });
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

    private CompletableFuture<Void> removeNamed(List<String> names) {
        return remove(
                client,
                names.stream()
                        .<Epoch.Part>map(
                                name ->
                                        new Epoch.Part.Staged(
                                                directory.container(),
                                                directory.path() + "/" + name,
                                                0,
                                                0))
                        .toList());
    }

    /** Whether this operator's, and of a writer whose place this one has taken. */
    private boolean isOfAnother(String name, int parallelism) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                && matcher.group("operator").equals(owner.operator())
                && Integer.parseInt(matcher.group("subtask")) % parallelism == owner.subtask()
                && Long.parseLong(matcher.group("lineage"), 16) != owner.lineage();
    }

    private boolean isOfThisSubmission(String name) {
        return part(name, "submission").equals(owner.submission());
    }

    private static boolean isNote(String name) {
        return name.endsWith(NOTE);
    }

    /** Whether its epoch began before the restored checkpoint, which may hold it then. */
    private static boolean isInState(String name, OptionalLong restored) {
        return restored.isPresent()
                && Long.parseLong(part(name, "checkpoint")) < restored.getAsLong();
    }

    private static long putMillis(String name) {
        return Long.parseLong(part(name, "put"));
    }

    private static String part(String name, String group) {
        Matcher matcher = NAME.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("Not the name of a staged object: " + name);
        }
        return matcher.group(group);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256.", e);
        }
    }

    static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
