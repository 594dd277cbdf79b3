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
import io.v3io.client.wire.ApiRequest;
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.ListingPage;
import io.v3io.client.wire.ListingParser;

import javax.annotation.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * Follows the pages of a listing, to an end: not when markers come again, and not for more pages
 * than any directory has. It remembers one marker, and a later one each time that it has seen twice
 * as many, so that a circle of any length is found with little memory (Brent).
 */
final class DirectoryListing {

    /** With a thousand names a page, a hundred million names. */
    private static final int MAX_PAGES = 100_000;

    private final CallRunner calls;
    private final String container;
    private final String directory;
    @Nullable private final ApiRequest existence;
    private final Predicate<ListingPage> consumer;
    private final Composite<Boolean> result;

    // One page after the other.
    private int pages;
    private int rememberAt = 1;
    @Nullable private String remembered;

    private DirectoryListing(
            CallRunner calls,
            String container,
            String directory,
            @Nullable ApiRequest existence,
            Predicate<ListingPage> consumer) {
        this.calls = calls;
        this.container = container;
        this.directory = directory;
        this.existence = existence;
        this.consumer = consumer;
        this.result = new Composite<>(calls, Operation.LIST, container + "/" + directory);
    }

    /**
     * Hands over page by page, in order.
     *
     * @param directory path in the container, without slashes at its ends; empty for the root
     * @param existence tells whether the directory exists; null if nothing can
     * @param consumer takes a page and says whether it wants the next one
     * @return whether the last page has been handed over
     */
    static CompletableFuture<Boolean> read(
            CallRunner calls,
            String container,
            String directory,
            @Nullable ApiRequest existence,
            Predicate<ListingPage> consumer) {
        DirectoryListing listing =
                new DirectoryListing(calls, container, directory, existence, consumer);
        listing.page(null);
        return listing.result.result();
    }

    private void page(@Nullable String marker) {
        result.then(
                calls.run(
                        ApiRequests.list(container, directory, marker, existence),
                        ListingParser::parse),
                page -> {
                    String next = page.nextMarker();
                    requireProgress(next);
                    boolean wantsMore = consumer.test(page);
                    if (next == null || !wantsMore) {
                        result.complete(next == null);
                    } else {
                        page(next);
                    }
                });
    }

    private void requireProgress(@Nullable String next) {
        if (next == null) {
            return;
        }
        if (next.equals(remembered)) {
            throw endless(next, "comes again, so that the listing has no end");
        }
        pages++;
        if (pages == MAX_PAGES) {
            throw endless(next, "ends page " + pages + ", and no directory has so many");
        }
        if (pages == rememberAt) {
            remembered = next;
            rememberAt *= 2;
        }
    }

    private V3ioException endless(String marker, String complaint) {
        return calls.failures()
                .ofListing(container + "/" + directory, "the marker", marker, complaint);
    }
}
