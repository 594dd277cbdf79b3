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

package io.v3io.flink.source.enumerator;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.StreamListing;
import io.v3io.client.model.StreamPath;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Looks which of the subscribed streams there are and what is new in them. Runs on the enumerator
 * context's worker thread, which may block: the client bounds every request and its repetitions.
 */
@Internal
final class StreamDiscovery {

    private final V3ioClient client;
    private final PositionLookup lookup;
    private final StreamSubscription subscription;
    private final StreamReading.OfStreams readings;
    @Nullable private Long lastLookEndNanos;

    StreamDiscovery(
            V3ioClient client, StreamSubscription subscription, StreamReading.OfStreams readings) {
        this.client = client;
        this.lookup = new PositionLookup(client);
        this.subscription = subscription;
        this.readings = readings;
    }

    /**
     * What a look is to be about.
     *
     * @param known streams that have splits: of these only the shard count is asked for
     * @param ended streams that are of no interest any more
     * @param growth whether the growth of those that are known is of interest
     */
    record Scope(Set<StreamPath> known, Set<StreamPath> ended, boolean growth) {}

    /**
     * What one look at the platform has found.
     *
     * @param startSeconds when the look began, in seconds since 1970
     * @param streams that are there
     * @param missing streams that the source is to read and that were never there, with the
     *     platform's answer
     * @param missingDirectory the platform's answer if there is no directory with streams of the
     *     pattern; null otherwise
     * @param failures of streams of which nothing could be learnt
     */
    record DiscoveredStreams(
            long startSeconds,
            List<StreamShards> streams,
            Map<StreamPath, V3ioException> missing,
            @Nullable V3ioException missingDirectory,
            Map<StreamPath, Exception> failures) {}

    /**
     * Looks at the platform once. Flink calls at a fixed rate and makes up for calls that a slow
     * look held up; one after a look that has only just ended would tell nothing new.
     *
     * @param about null if there is nothing to look for
     * @param interval at which this is called
     * @return null if there was no look
     */
    @Nullable
    DiscoveredStreams lookUnlessJustDone(@Nullable Scope about, Duration interval)
            throws Exception {
        boolean isJustDone =
                lastLookEndNanos != null
                        && System.nanoTime() - lastLookEndNanos < interval.toNanos() / 2;
        return about == null || isJustDone ? null : look(about);
    }

    /**
     * One look, at all streams together.
     *
     * @throws V3ioException if the directory of a pattern cannot be listed
     */
    DiscoveredStreams look(Scope about) throws Exception {
        try {
            return find(about);
        } finally {
            lastLookEndNanos = System.nanoTime();
        }
    }

    private DiscoveredStreams find(Scope about) throws Exception {
        long startSeconds = System.currentTimeMillis() / 1_000;
        Map<StreamPath, CompletableFuture<StreamShards>> pending = new LinkedHashMap<>();
        Candidates candidates = candidates(about);
        for (StreamPath stream : candidates.streams) {
            boolean isKnown = about.known().contains(stream);
            if (!isKnown || about.growth()) {
                pending.put(stream, ask(stream, isKnown));
            }
        }
        List<StreamShards> streams = new ArrayList<>();
        Map<StreamPath, V3ioException> missing = new LinkedHashMap<>();
        Map<StreamPath, Exception> failures = new LinkedHashMap<>();
        for (Map.Entry<StreamPath, CompletableFuture<StreamShards>> entry : pending.entrySet()) {
            StreamPath stream = entry.getKey();
            try {
                streams.add(await(entry.getValue()));
            } catch (V3ioException e) {
                if (e.kind() == V3ioException.Kind.NOT_FOUND && !about.known().contains(stream)) {
                    if (subscription instanceof StreamSubscription.Named) {
                        missing.put(stream, e);
                    }
                    // One of a pattern's was deleted since it was listed: not one of its streams.
                } else {
                    failures.put(stream, e);
                }
            }
        }
        return new DiscoveredStreams(
                startSeconds, streams, missing, candidates.missingDirectory, failures);
    }

    /**
     * The positions come after the count: a shard that is born between the two is seen then or, as
     * one without records, read from its first one.
     */
    private CompletableFuture<StreamShards> ask(StreamPath stream, boolean isKnown) {
        return client.describeStream(stream)
                .thenCompose(
                        description ->
                                isKnown
                                        ? CompletableFuture.completedFuture(
                                                StreamShards.ofCount(
                                                        stream, description.shardCount()))
                                        : lookup.of(
                                                stream,
                                                description.shardCount(),
                                                readings.of(stream)));
    }

    private record Candidates(Set<StreamPath> streams, @Nullable V3ioException missingDirectory) {}

    private Candidates candidates(Scope about) throws Exception {
        // With those that are known, also if they are not subscribed any more: their growth must be
        // seen, and that one is not there any more.
        Set<StreamPath> candidates = new TreeSet<>(about.known());
        V3ioException missingDirectory = null;
        if (subscription instanceof StreamSubscription.Named named) {
            candidates.addAll(named.streams());
        } else {
            StreamSubscription.Matching matching = (StreamSubscription.Matching) subscription;
            try {
                await(client.listStreams(matching.container(), matching.directory())).stream()
                        .map(StreamListing::stream)
                        .filter(matching::contains)
                        .forEach(candidates::add);
            } catch (V3ioException e) {
                if (e.kind() != V3ioException.Kind.NOT_FOUND) {
                    throw e;
                }
                // No such directory, so no streams in it.
                missingDirectory = e;
            }
        }
        candidates.removeAll(about.ended());
        return new Candidates(candidates, missingDirectory);
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
