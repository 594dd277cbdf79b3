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

import javax.annotation.Nullable;

import java.util.Objects;

/**
 * A stream as the platform's tools name it, with what they put beside its path.
 *
 * @param text as it was given
 * @param stream its path
 * @param endpoint the server, as {@code scheme://host[:port]}; null if the text names none
 * @param consumerGroup null if the text names none
 */
@PublicEvolving
public record StreamAddress(
        String text, StreamPath stream, @Nullable String endpoint, @Nullable String consumerGroup) {

    private static final String SCHEME_END = "://";

    /**
     * Reads these forms.
     *
     * <ul>
     *   <li>{@code container/path}: a path alone;
     *   <li>{@code http://host:port/container/path@group}, or {@code https}, as Nuclio's triggers
     *       have it: the server, and perhaps a consumer group. An {@code @} of the path itself is
     *       written {@code %40};
     *   <li>{@code v3io:///container/path}, as MLRun has it: a path alone; {@code
     *       v3io://host:port/container/path} names a server that is reached by http, {@code
     *       v3ios://} by https.
     * </ul>
     *
     * @throws IllegalArgumentException if the text is none of these, or {@link StreamPath#parse}
     *     refuses its path
     */
    public static StreamAddress parse(String text) {
        Objects.requireNonNull(text, "text");
        int schemeEnd = text.indexOf(SCHEME_END);
        if (schemeEnd < 0) {
            return new StreamAddress(text, StreamPath.parse(text), null, null);
        }
        StreamPath.refuseUserInformation(text);
        String scheme = text.substring(0, schemeEnd);
        int authority = schemeEnd + SCHEME_END.length();
        int path = text.indexOf('/', authority);
        String host = path < 0 ? "" : text.substring(authority, path);
        if (scheme.startsWith("v3io")) {
            StreamPath stream = StreamPath.parse(text);
            String way = scheme.equals("v3ios") ? "https" : "http";
            return new StreamAddress(
                    text, stream, host.isEmpty() ? null : way + SCHEME_END + host, null);
        }
        int at = text.lastIndexOf('@');
        boolean hasGroup = at > path && path >= 0 && text.indexOf('/', at) < 0;
        StreamPath stream = StreamPath.parse(hasGroup ? text.substring(0, at) : text);
        if (host.isEmpty()) {
            throw new IllegalArgumentException(
                    "Stream URL '"
                            + text
                            + "' names no server: expected "
                            + scheme
                            + "://<host>/...");
        }
        return new StreamAddress(
                text, stream, scheme + SCHEME_END + host, hasGroup ? text.substring(at + 1) : null);
    }
}
