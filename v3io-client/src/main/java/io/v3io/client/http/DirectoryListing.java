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
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.ListingPage;
import io.v3io.client.wire.ListingParser;
import io.v3io.client.wire.OneLine;

import javax.annotation.Nullable;

import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/** Follows the pages of a listing. */
final class DirectoryListing {

    private final CallRunner calls;
    private final String container;
    private final String directory;
    private final Predicate<ListingPage> consumer;
    private final Composite<Boolean> result = new Composite<>();

    private DirectoryListing(
            CallRunner calls, String container, String directory, Predicate<ListingPage> consumer) {
        this.calls = calls;
        this.container = container;
        this.directory = directory;
        this.consumer = consumer;
    }

    /**
     * Hands over page by page, in order.
     *
     * @param directory path in the container, without slashes at its ends; empty for the root
     * @param consumer takes a page and says whether it wants the next one
     * @return whether the last page has been handed over
     */
    static CompletableFuture<Boolean> read(
            CallRunner calls, String container, String directory, Predicate<ListingPage> consumer) {
        DirectoryListing listing = new DirectoryListing(calls, container, directory, consumer);
        listing.page(null);
        return listing.result.result();
    }

    private void page(@Nullable String marker) {
        result.then(
                calls.run(ApiRequests.list(container, directory, marker), ListingParser::parse),
                page -> {
                    String next = page.nextMarker();
                    if (next != null && next.equals(marker)) {
                        throw repeats(next);
                    }
                    boolean wantsMore = consumer.test(page);
                    if (next == null || !wantsMore) {
                        result.complete(next == null);
                    } else {
                        page(next);
                    }
                });
    }

    private V3ioException repeats(String marker) {
        String path = container + "/" + directory;
        return new V3ioException(
                V3ioException.Kind.MALFORMED_RESPONSE,
                Operation.LIST,
                path,
                200,
                0,
                null,
                false,
                Operation.LIST.wireName()
                        + " of "
                        + path
                        + " failed: the page after marker "
                        + OneLine.of(marker, 100)
                        + " points to itself as the next one.",
                null);
    }
}
