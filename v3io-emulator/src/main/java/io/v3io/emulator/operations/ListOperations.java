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

package io.v3io.emulator.operations;

import io.v3io.emulator.Assumptions;
import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.ListingNewest;
import io.v3io.emulator.http.Request;
import io.v3io.emulator.http.RequestTarget;
import io.v3io.emulator.http.Response;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.Container;
import io.v3io.emulator.store.Directory;
import io.v3io.emulator.store.EmulatorClock;
import io.v3io.emulator.store.Node;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.ShardSummary;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.StoredObject;
import io.v3io.emulator.store.Stream;

import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Listings in XML: what is in a directory, and which containers there are (API page section 7). */
final class ListOperations {
    private static final String XML = "application/xml";
    private static final Set<String> PARAMETERS =
            Set.of("prefix", "prefix-info", "prefix-only", "max-keys", "marker");

    /** Shards come before objects, whatever these are called; else by name. */
    private static final Comparator<String> DIGITS_FIRST =
            Comparator.<String, Boolean>comparing(
                            name -> !name.isEmpty() && !isDigit(name.charAt(0)))
                    .thenComparing(Comparator.naturalOrder());

    private final Store store;
    private final Supplier<Dialect> dialect;

    ListOperations(Store store, Supplier<Dialect> dialect) {
        this.store = store;
        this.dialect = dialect;
    }

    CompletableFuture<Response> containers() {
        XmlText xml = new XmlText().open("ListAllMyBucketsResult");
        xml.open("Owner")
                .element("ID", "v3io-emulator")
                .element("DisplayName", "V3IO emulator")
                .close("Owner");
        xml.open("Buckets");
        for (Container container : store.containers()) {
            xml.open("Bucket")
                    .element("Name", container.name())
                    .element("CreationDate", EmulatorClock.toInstant(container.createdNanos()))
                    .element("Id", container.id())
                    .close("Bucket");
        }
        xml.close("Buckets").close("ListAllMyBucketsResult");
        return CompletableFuture.completedFuture(Response.text(200, XML, xml.toString()));
    }

    CompletableFuture<Response> directory(Request request) {
        Map<String, String> query = request.target().query();
        for (String parameter : query.keySet()) {
            if (!PARAMETERS.contains(parameter)) {
                throw ApiException.invalidArgument(
                        "the emulator does not know the parameter " + parameter + " of a listing");
            }
        }
        String name = request.target().segments().get(0);
        List<String> prefix = RequestTarget.namesIn(query.getOrDefault("prefix", ""));
        int maxKeys = maxKeys(query.get("max-keys"));
        boolean directoriesOnly = "1".equals(query.get("prefix-only"));
        String parent = prefix.isEmpty() ? "" : String.join("/", prefix) + "/";

        NavigableMap<String, Node> entries = new TreeMap<>(DIGITS_FIRST);
        children(name, prefix)
                .forEach(
                        (child, node) -> {
                            if (node instanceof Directory || !directoriesOnly) {
                                entries.put(child, node);
                            }
                        });
        String marker = query.getOrDefault("marker", "");
        String after = marker.startsWith(parent) ? marker.substring(parent.length()) : marker;
        Listing listing =
                new Listing(
                        "1".equals(query.get("prefix-info")),
                        dialect.get().get(ListingNewest.class));
        Iterator<Map.Entry<String, Node>> rest =
                entries.tailMap(after, false).entrySet().iterator();
        String last = "";
        for (int i = 0; i < maxKeys && rest.hasNext(); i++) {
            Map.Entry<String, Node> entry = rest.next();
            last = parent + entry.getKey();
            listing.add(
                    last + (entry.getValue() instanceof Directory ? "/" : ""), entry.getValue());
        }
        XmlText xml = new XmlText().open("ListBucketResult").element("Name", name);
        xml.element("Prefix", parent).element("Marker", marker);
        // Never empty, also when nothing follows.
        xml.element("NextMarker", !last.isEmpty() ? last : parent.isEmpty() ? "/" : parent);
        xml.element("MaxKeys", maxKeys).element("IsTruncated", rest.hasNext());
        listing.writeTo(xml);
        return CompletableFuture.completedFuture(
                Response.text(200, XML, xml.close("ListBucketResult").toString()));
    }

    private NavigableMap<String, Node> children(String containerName, List<String> prefix) {
        Container container = store.existingContainer(containerName);
        if (container != null && container.find(prefix) instanceof Directory directory) {
            return container.children(directory);
        }
        throw new ApiException(
                ApiError.NO_SUCH_FILE,
                "there is no directory " + containerName + "/" + String.join("/", prefix));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static int maxKeys(String text) {
        if (text == null) {
            return Assumptions.DEFAULT_MAX_KEYS;
        }
        try {
            int maxKeys = Integer.parseInt(text);
            if (maxKeys >= 1) {
                return maxKeys;
            }
        } catch (NumberFormatException e) {
            throw ApiException.invalidArgument("max-keys must be a number, but was " + text);
        }
        throw ApiException.invalidArgument("max-keys must be at least 1, but was " + text);
    }

    /**
     * The entries of one answer: objects and shards first, then directories, as clients expect the
     * elements.
     */
    private static final class Listing {
        private final boolean allAttributes;
        private final ListingNewest newest;
        private final Map<String, Node> contents = new LinkedHashMap<>();
        private final Map<String, Directory> prefixes = new LinkedHashMap<>();

        Listing(boolean allAttributes, ListingNewest newest) {
            this.newest = newest;
            this.allAttributes = allAttributes;
        }

        void add(String key, Node node) {
            if (node instanceof Directory directory) {
                prefixes.put(key, directory);
            } else {
                contents.put(key, node);
            }
        }

        void writeTo(XmlText xml) {
            contents.forEach((key, node) -> writeContent(xml, key, node));
            prefixes.forEach((prefix, directory) -> writePrefix(xml, prefix, directory));
        }

        private void writeContent(XmlText xml, String key, Node node) {
            long size = 0;
            long lastSequence = 0;
            if (node instanceof Shard shard) {
                ShardSummary summary = shard.summary();
                size = summary.bytes();
                lastSequence = summary.lastSequence();
            } else if (node instanceof StoredObject object) {
                size = object.content().length;
            }
            xml.open("Contents").element("Key", key).element("Size", size);
            if (node instanceof Shard && newest != ListingNewest.ABSENT) {
                xml.element(newest.value(), lastSequence);
            }
            writeTimes(xml, node, "0100664");
            xml.close("Contents");
        }

        private void writePrefix(XmlText xml, String prefix, Directory directory) {
            xml.open("CommonPrefixes").element("Prefix", prefix);
            if (allAttributes && directory instanceof Stream stream) {
                xml.element("ShardCount", stream.shardCount());
                xml.element("RetentionPeriodHours", stream.retentionHours());
                xml.element(
                        "RetentionPeriodSec", TimeUnit.HOURS.toSeconds(stream.retentionHours()));
            }
            writeTimes(xml, directory, "040775");
            xml.close("CommonPrefixes");
        }

        private void writeTimes(XmlText xml, Node node, String mode) {
            if (allAttributes || !(node instanceof Directory)) {
                xml.element("LastModified", EmulatorClock.toInstant(node.mtimeNanos()));
            }
            if (allAttributes) {
                xml.element("InodeNumber", node.inode());
                xml.element("AccessTime", EmulatorClock.toInstant(node.mtimeNanos()));
                xml.element("CreatingTime", EmulatorClock.toInstant(node.createdNanos()));
                xml.element("Mode", mode).element("GID", "0").element("UID", "0");
            }
        }
    }
}
