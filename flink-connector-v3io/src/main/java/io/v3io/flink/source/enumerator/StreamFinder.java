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

import java.util.ArrayList;
import java.util.Collection;
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
final class StreamFinder {

    private final V3ioClient client;
    private final StreamSurveyor surveyor;
    private final StreamSubscription subscription;

    StreamFinder(V3ioClient client, StreamSurveyor surveyor, StreamSubscription subscription) {
        this.client = client;
        this.surveyor = surveyor;
        this.subscription = subscription;
    }

    /**
     * One look, at all streams together.
     *
     * @param known streams that have splits: of these only the shard count is asked for
     * @param looksForGrowth whether even that is of interest
     * @throws V3ioException if the directory of a pattern cannot be listed
     */
    StreamFindings look(Set<StreamPath> known, boolean looksForGrowth) throws Exception {
        long startSeconds = System.currentTimeMillis() / 1_000;
        Map<StreamPath, CompletableFuture<StreamSurvey>> pending = new LinkedHashMap<>();
        for (StreamPath stream : candidates(known)) {
            if (!known.contains(stream)) {
                pending.put(stream, surveyor.survey(stream));
            } else if (looksForGrowth) {
                pending.put(stream, surveyor.count(stream));
            }
        }
        List<StreamSurvey> surveys = new ArrayList<>();
        List<StreamPath> missing = new ArrayList<>();
        List<StreamFindings.Failure> failures = new ArrayList<>();
        for (Map.Entry<StreamPath, CompletableFuture<StreamSurvey>> entry : pending.entrySet()) {
            StreamPath stream = entry.getKey();
            try {
                surveys.add(await(entry.getValue()));
            } catch (V3ioException e) {
                if (e.kind() == V3ioException.Kind.NOT_FOUND && !known.contains(stream)) {
                    if (subscription instanceof StreamSubscription.Named) {
                        missing.add(stream);
                    }
                    // One of a pattern's was deleted since it was listed: not one of its streams.
                } else {
                    failures.add(new StreamFindings.Failure(stream, e));
                }
            }
        }
        return new StreamFindings(startSeconds, surveys, missing, failures);
    }

    private Collection<StreamPath> candidates(Set<StreamPath> known) throws Exception {
        // With those that are known, also if they are not subscribed any more: their growth must be
        // seen, and that one is not there any more.
        Set<StreamPath> candidates = new TreeSet<>(known);
        if (subscription instanceof StreamSubscription.Named named) {
            candidates.addAll(named.streams());
            return candidates;
        }
        StreamSubscription.Matching matching = (StreamSubscription.Matching) subscription;
        for (StreamListing listing : listed(matching)) {
            if (matching.contains(listing.stream())) {
                candidates.add(listing.stream());
            }
        }
        return candidates;
    }

    private List<StreamListing> listed(StreamSubscription.Matching matching) throws Exception {
        try {
            return await(client.listStreams(matching.container(), matching.directory()));
        } catch (V3ioException e) {
            if (e.kind() == V3ioException.Kind.NOT_FOUND) {
                // No such directory, so no streams in it.
                return List.of();
            }
            throw e;
        }
    }

    private static <T> T await(CompletableFuture<T> future) throws Exception {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }
}
