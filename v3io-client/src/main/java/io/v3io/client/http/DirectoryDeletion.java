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

package io.v3io.client.http;

import io.v3io.client.Operation;
import io.v3io.client.V3ioException;
import io.v3io.client.model.StreamPath;
import io.v3io.client.wire.AnswerDecoder;
import io.v3io.client.wire.ApiRequest;
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.ListingPage;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * Deletes a directory with all that is in it, as there is no such operation: lists it, deletes each
 * object, then the directory. What somebody else has deleted in the meantime counts as done.
 *
 * <p>It works in rounds of a bounded number of names, so that no directory is too large for the
 * memory, and lists again from the start after each, since nobody promises that a marker outlives
 * the object that it points to. Sub-directories are emptied one after another in the same way.
 *
 * <p>Others may still write while it works: a reader that commits for a consumer group puts
 * attributes and a state object into the stream. What came after the last listing is deleted by
 * further rounds, and whoever never stops is named by an error in the end.
 */
final class DirectoryDeletion {

    private static final int MAX_IN_FLIGHT = 16;
    private static final int MAX_NAMES = 10_000;

    /** The status when a directory is not empty in the end (API page section 7). */
    private static final int NOT_EMPTY = 409;

    private static final int MAX_ROUNDS_OF_NOT_EMPTY = 10;

    private final CallRunner calls;
    private final String container;
    private final String directory;
    private final ApiRequest existence;
    private final int maxNames;
    private final Composite<Void> result;

    private Set<String> lastRound = Set.of();
    private Set<String> names = new HashSet<>();
    private int roundsOfNotEmpty;

    // Guarded by this.
    private final Deque<String> objects = new ArrayDeque<>();
    private int inFlight;

    private DirectoryDeletion(
            CallRunner calls,
            String container,
            String directory,
            ApiRequest existence,
            int maxNames) {
        this.calls = calls;
        this.container = container;
        this.directory = directory;
        this.existence = existence;
        this.maxNames = maxNames;
        this.result = new Composite<>(calls, Operation.DELETE_OBJECT, container + "/" + directory);
    }

    /** Deletes the directory of a stream. */
    static CompletableFuture<Void> start(CallRunner calls, StreamPath stream) {
        return start(calls, stream, MAX_NAMES);
    }

    /**
     * As {@link #start(CallRunner, StreamPath)}.
     *
     * @param maxNames ends the listing of a round after the page that reaches it
     */
    static CompletableFuture<Void> start(CallRunner calls, StreamPath stream, int maxNames) {
        return start(
                calls,
                stream.container(),
                stream.path(),
                ApiRequests.describeStream(stream),
                maxNames);
    }

    private static CompletableFuture<Void> start(
            CallRunner calls,
            String container,
            String directory,
            ApiRequest existence,
            int maxNames) {
        DirectoryDeletion deletion =
                new DirectoryDeletion(calls, container, directory, existence, maxNames);
        deletion.round();
        return deletion.result.result();
    }

    private void round() {
        List<String> found = new ArrayList<>();
        List<String> directories = new ArrayList<>();
        result.then(
                DirectoryListing.read(
                        calls,
                        container,
                        directory,
                        existence,
                        page -> {
                            collect(page, found, directories);
                            return found.size() + directories.size() < maxNames;
                        }),
                isComplete -> {
                    names = new HashSet<>(found);
                    names.addAll(directories);
                    for (String name : names) {
                        if (lastRound.contains(name)) {
                            throw malformed(name, "is still listed after it was deleted");
                        }
                    }
                    synchronized (this) {
                        objects.addAll(found);
                    }
                    deleteDirectories(directories, 0, isComplete);
                });
    }

    private void collect(ListingPage page, List<String> found, List<String> directories) {
        for (ListingPage.ListedObject object : page.objects()) {
            found.add(inside(object.key()));
        }
        for (ListingPage.ListedDirectory inner : page.directories()) {
            directories.add(inside(inner.path()));
        }
    }

    /** Nothing outside of the directory is ever deleted, whatever a server lists. */
    private String inside(String name) {
        String prefix = directory + "/";
        String rest = name.startsWith(prefix) ? name.substring(prefix.length()) : "";
        if (rest.isEmpty() || rest.contains("/") || rest.equals(".") || rest.equals("..")) {
            throw malformed(name, "is not directly in that directory");
        }
        return name;
    }

    private void deleteDirectories(List<String> directories, int index, boolean isComplete) {
        if (index < directories.size()) {
            String inner = directories.get(index);
            result.then(
                    start(
                            calls,
                            container,
                            inner,
                            ApiRequests.exists(container, inner + "/"),
                            maxNames),
                    done -> deleteDirectories(directories, index + 1, isComplete));
            return;
        }
        boolean hasObjects;
        synchronized (this) {
            hasObjects = !objects.isEmpty();
        }
        if (hasObjects) {
            deleteObjects(isComplete);
        } else {
            finishRound(isComplete);
        }
    }

    private void deleteObjects(boolean isComplete) {
        while (!result.isDone()) {
            String next;
            synchronized (this) {
                if (objects.isEmpty() || inFlight == MAX_IN_FLIGHT) {
                    return;
                }
                next = objects.remove();
                inFlight++;
            }
            result.then(
                    delete(next, ApiRequests.exists(container, next)),
                    done -> {
                        boolean isLast;
                        synchronized (this) {
                            inFlight--;
                            // Seen by one thread only: nothing is added within a round.
                            isLast = objects.isEmpty() && inFlight == 0;
                        }
                        if (isLast) {
                            finishRound(isComplete);
                        } else {
                            deleteObjects(isComplete);
                        }
                    });
        }
    }

    private void finishRound(boolean isComplete) {
        if (!isComplete) {
            lastRound = names;
            round();
        } else {
            result.then(
                    delete(directory + "/", existence), result::complete, this::beginAgainIfFilled);
        }
    }

    private boolean beginAgainIfFilled(Throwable error) {
        if (!(error instanceof V3ioException refusal) || refusal.status().orElse(0) != NOT_EMPTY) {
            return false;
        }
        roundsOfNotEmpty++;
        if (roundsOfNotEmpty == MAX_ROUNDS_OF_NOT_EMPTY) {
            throw refusal.withMore(
                    "Something keeps writing into it: stop its writers, and the readers that commit"
                            + " for a consumer group, and delete it again.");
        }
        // What was deleted may have been made again.
        lastRound = Set.of();
        round();
        return true;
    }

    private CompletableFuture<Void> delete(String path, ApiRequest existenceOfIt) {
        return calls.run(
                ApiRequests.delete(container, path, existenceOfIt),
                AnswerDecoder.NOTHING,
                V3ioException.Kind.NOT_FOUND,
                () -> null);
    }

    private V3ioException malformed(String name, String complaint) {
        return calls.failures()
                .ofListing(container + "/" + directory, "the listed name", name, complaint);
    }
}
