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

package io.v3io.client.model;

import io.v3io.client.annotation.PublicEvolving;

import java.io.Serializable;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a stream lives: a container and the path of the stream's directory in it. Immutable.
 *
 * <p>The text form is {@code container/path/of/stream}, without percent-encoding and without a
 * slash at either end.
 */
@PublicEvolving
public final class StreamPath implements Serializable, Comparable<StreamPath> {

    private static final long serialVersionUID = 1L;

    private static final String V3IO_SCHEME = "v3io://";
    private static final String V3IOS_SCHEME = "v3ios://";

    /** Also where a password has a slash: what seems to be a port is no number then. */
    private static final Pattern USER_INFORMATION =
            Pattern.compile("\\w+://(?:[^/]*@|[^/\\[]*:(?!\\d+(?:/|$)).*@)", Pattern.DOTALL);

    private static final Pattern QUERY_OR_FRAGMENT = Pattern.compile("[?#]");

    private static final String HTTP_SCHEME = "http://";
    private static final String HTTPS_SCHEME = "https://";

    private final String container;
    private final String path;

    private StreamPath(String container, String path) {
        this.container = container;
        this.path = path;
    }

    /**
     * A stream by its parts.
     *
     * @param container name of the data container, a single path segment
     * @param path path of the stream in the container, not percent-encoded; a leading or a trailing
     *     slash is dropped
     * @throws IllegalArgumentException if a part is empty, has an empty, {@code .} or {@code ..}
     *     segment or a control character, or if the path has more than {@value
     *     V3ioLimits#MAX_PATH_BYTES} bytes in UTF-8
     */
    public static StreamPath of(String container, String path) {
        Objects.requireNonNull(container, "container");
        Objects.requireNonNull(path, "path");
        return create(container, trimSlashes(path), container + "/" + path);
    }

    private static StreamPath create(String container, String trimmed, String shown) {
        checkSegment(container, shown);
        if (container.indexOf('/') >= 0) {
            throw new IllegalArgumentException(
                    "Container '"
                            + container
                            + "' of stream path '"
                            + shown
                            + "' must not contain '/'.");
        }
        if (trimmed.isEmpty()) {
            throw new IllegalArgumentException(
                    "Stream path '"
                            + shown
                            + "' has no path: expected <container>/<path of the stream>.");
        }
        for (String segment : trimmed.split("/", -1)) {
            checkSegment(segment, shown);
        }
        int bytes = trimmed.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > V3ioLimits.MAX_PATH_BYTES) {
            throw new IllegalArgumentException(
                    "Stream path in container '"
                            + container
                            + "' has "
                            + bytes
                            + " bytes in UTF-8; the platform takes at most "
                            + V3ioLimits.MAX_PATH_BYTES
                            + ".");
        }
        return new StreamPath(container, trimmed);
    }

    /**
     * Reads the forms in which the platform's tools write a stream.
     *
     * <ul>
     *   <li>{@code container/path}, optionally with a leading or trailing slash;
     *   <li>{@code v3io://host/container/path} and {@code v3io:///container/path} (MLRun), also
     *       with {@code v3ios}; the host is dropped;
     *   <li>{@code http://host:port/container/path} (Nuclio), percent-decoded, a query or fragment
     *       is refused.
     * </ul>
     *
     * <p>A consumer group, as in Nuclio's {@code ...@group}, is not part of a stream's path and is
     * refused in the {@code http} form, where it would otherwise silently name another stream.
     * {@link StreamAddress} reads group and host, too.
     *
     * @throws IllegalArgumentException if the text is none of these, or its parts are refused by
     *     {@link #of}
     */
    public static StreamPath parse(String text) {
        Objects.requireNonNull(text, "text");
        refuseUserInformation(text);
        if (text.startsWith(V3IO_SCHEME)) {
            return split(afterAuthority(text, V3IO_SCHEME), text);
        }
        if (text.startsWith(V3IOS_SCHEME)) {
            return split(afterAuthority(text, V3IOS_SCHEME), text);
        }
        if (text.startsWith(HTTP_SCHEME)) {
            return parseUrl(text, HTTP_SCHEME);
        }
        if (text.startsWith(HTTPS_SCHEME)) {
            return parseUrl(text, HTTPS_SCHEME);
        }
        if (text.contains("://")) {
            throw new IllegalArgumentException(
                    "Stream path '"
                            + text
                            + "' has a scheme other than v3io, v3ios, http and https.");
        }
        return split(text, text);
    }

    /** The text itself is not shown, because it may hold a password. */
    static void refuseUserInformation(String text) {
        if (USER_INFORMATION.matcher(text).lookingAt()) {
            throw new IllegalArgumentException(
                    "The address of a stream must not have user information before the host; set credentials with"
                            + " their own option.");
        }
    }

    private static StreamPath parseUrl(String text, String scheme) {
        Matcher more = QUERY_OR_FRAGMENT.matcher(text);
        if (more.find()) {
            // What follows is not shown, because it may hold a key.
            throw new IllegalArgumentException(
                    "Stream URL '"
                            + text.substring(0, more.start())
                            + "' must not have a query or a fragment.");
        }
        String encoded = afterAuthority(text, scheme);
        if (encoded.indexOf('@') >= 0) {
            throw new IllegalArgumentException(
                    "Stream URL '"
                            + text
                            + "' names a consumer group after '@'; set the group with its own option and write an '@'"
                            + " of the path as %40.");
        }
        List<String> segments = new ArrayList<>();
        for (String segment : encoded.split("/", -1)) {
            String decoded = percentDecode(segment, text);
            if (decoded.indexOf('/') >= 0) {
                throw new IllegalArgumentException(
                        "Stream URL '"
                                + text
                                + "' has an encoded '/' inside of a segment, which no stream can have.");
            }
            segments.add(decoded);
        }
        return split(String.join("/", segments), text);
    }

    private static String afterAuthority(String text, String scheme) {
        int slash = text.indexOf('/', scheme.length());
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "'"
                            + text
                            + "' has no path: expected "
                            + scheme
                            + "<host>/<container>/<path of the stream>.");
        }
        return text.substring(slash + 1);
    }

    private static StreamPath split(String plain, String text) {
        String trimmed = trimSlashes(plain);
        int slash = trimmed.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException(
                    "Stream path '"
                            + text
                            + "' has no path: expected <container>/<path of the stream>.");
        }
        // A slash at its end has been dropped already; another one is an empty segment.
        return create(trimmed.substring(0, slash), trimmed.substring(slash + 1), text);
    }

    private static String percentDecode(String segment, String text) {
        try {
            // URLDecoder reads the form encoding, in which a plus is a space; in a path it is a
            // plus.
            return URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "Stream URL '" + text + "' is not percent-encoded correctly.", e);
        }
    }

    private static String trimSlashes(String path) {
        int start = path.startsWith("/") ? 1 : 0;
        int end = path.length() > start && path.endsWith("/") ? path.length() - 1 : path.length();
        return path.substring(start, end);
    }

    private static void checkSegment(String segment, String shown) {
        if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
            throw new IllegalArgumentException(
                    "Stream path '" + shown + "' must not have an empty, '.' or '..' segment.");
        }
        for (int i = 0; i < segment.length(); i++) {
            if (Character.isISOControl(segment.charAt(i))) {
                throw new IllegalArgumentException(
                        "Stream path '" + shown + "' must not have control characters.");
            }
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(segment)) {
            throw new IllegalArgumentException(
                    "Stream path '" + shown + "' must not have unpaired surrogates.");
        }
    }

    /** Name of the data container. */
    public String container() {
        return container;
    }

    /**
     * Path of the stream's directory in the container, not percent-encoded, without slashes at its
     * ends.
     */
    public String path() {
        return path;
    }

    /** The shard with this number (its id on the wire) of this stream. */
    public ShardId shard(int number) {
        return new ShardId(this, number);
    }

    @Override
    public int compareTo(StreamPath other) {
        int byContainer = container.compareTo(other.container);
        return byContainer != 0 ? byContainer : path.compareTo(other.path);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof StreamPath that
                && container.equals(that.container)
                && path.equals(that.path);
    }

    @Override
    public int hashCode() {
        return 31 * container.hashCode() + path.hashCode();
    }

    /** {@code container/path}: the form that {@link #parse} reads back. */
    @Override
    public String toString() {
        return container + "/" + path;
    }
}
