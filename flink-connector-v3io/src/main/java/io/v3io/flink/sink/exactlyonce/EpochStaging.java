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
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The objects in which one attempt of a writer keeps records until their epoch is committed. A name
 * says whose they are, and after which checkpoint their epoch began:
 *
 * <pre>&lt;sink&gt;.&lt;subtask&gt;.&lt;lineage&gt;.&lt;checkpoint&gt;.&lt;epoch&gt;.&lt;part&gt;
 * </pre>
 *
 * <p>So an attempt that was restored from a checkpoint can tell what its dead predecessors have
 * left: an epoch that began before that checkpoint is in it, and its committer needs the objects;
 * one that began after it will never be committed.
 */
final class EpochStaging {

    private static final Logger LOG = LoggerFactory.getLogger(EpochStaging.class);

    private static final Pattern NAME =
            Pattern.compile(
                    "(?<sink>[0-9a-f]{16})\\.(?<subtask>\\d{1,5})\\.(?<lineage>[0-9a-f]{12})"
                            + "\\.(?<checkpoint>-1|\\d{1,18})\\.\\d{1,10}\\.\\d{1,10}");

    private final V3ioClient client;
    private final StreamPath directory;
    private final String sinkId;

    EpochStaging(V3ioClient client, StreamPath directory, String sinkId) {
        this.client = client;
        this.directory = directory;
        this.sinkId = sinkId;
    }

    /** Stores some records of an epoch. Doing it twice does no harm. */
    CompletableFuture<Epoch.Part> put(EpochId epoch, long startedAfter, int part, byte[] bytes) {
        String name =
                String.format(
                        Locale.ROOT,
                        "%s.%d.%012x.%d.%d.%d",
                        sinkId,
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
     * Removes what dead attempts of the writers in whose place this one writes have left.
     *
     * @param own the lineage of this attempt
     * @param subtask its index
     * @param parallelism how many writers the sink has
     * @param restored the checkpoint that it was restored from
     */
    CompletableFuture<Void> removeLeftovers(
            long own, int subtask, int parallelism, OptionalLong restored) {
        return client.listObjects(directory.container(), directory.path())
                .thenCompose(
                        names ->
                                remove(
                                        client,
                                        names.stream()
                                                .filter(
                                                        name ->
                                                                isLeftover(
                                                                        name,
                                                                        own,
                                                                        subtask,
                                                                        parallelism,
                                                                        restored))
                                                .map(this::unread)
                                                .toList()));
    }

    private Epoch.Part unread(String name) {
        return new Epoch.Part.Staged(directory.container(), directory.path() + "/" + name, 0, 0);
    }

    boolean isLeftover(String name, long own, int subtask, int parallelism, OptionalLong restored) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                && matcher.group("sink").equals(sinkId)
                && Integer.parseInt(matcher.group("subtask")) % parallelism == subtask
                && Long.parseLong(matcher.group("lineage"), 16) != own
                && Long.parseLong(matcher.group("checkpoint"))
                        >= restored.orElse(Epoch.NO_CHECKPOINT);
    }

    static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
