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

package io.v3io.emulator.http;

import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.protocol.Limits;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Path and query of a request, percent-decoded.
 *
 * @param segments the names between the slashes; empty for {@code /}
 * @param endsInSlash whether a slash follows the last name
 * @param query the parameters; of a repeated one, the last
 */
public record RequestTarget(List<String> segments, boolean endsInSlash, Map<String, String> query) {

    /**
     * Understands a request line's target.
     *
     * @throws ApiException invalid argument, when it cannot be decoded or names no possible path
     */
    public static RequestTarget parse(String target) {
        int queryStart = target.indexOf('?');
        String path = withoutAuthority(queryStart < 0 ? target : target.substring(0, queryStart));
        String query = queryStart < 0 ? "" : target.substring(queryStart + 1);
        return new RequestTarget(path(path), path.endsWith("/"), query(query));
    }

    /** Proxies send {@code http://host/path}; HTTP/1.1 servers must take it. */
    private static String withoutAuthority(String path) {
        if (path.startsWith("/")) {
            return path;
        }
        int authority = path.indexOf("://");
        int start = authority < 0 ? -1 : path.indexOf('/', authority + 3);
        if (start < 0) {
            throw ApiException.invalidArgument(
                    "the request target must be a path, but was " + path);
        }
        return path.substring(start);
    }

    private static List<String> path(String path) {
        List<String> segments = new ArrayList<>();
        int bytes = 0;
        for (String encoded : split(path, '/')) {
            if (!encoded.isEmpty()) {
                String segment = decode(encoded);
                segments.add(checkName(segment));
                bytes += 1 + segment.getBytes(StandardCharsets.UTF_8).length;
            }
        }
        if (bytes > Limits.MAX_PATH_BYTES) {
            throw ApiException.invalidArgument(
                    "the path has " + bytes + " bytes, more than " + Limits.MAX_PATH_BYTES);
        }
        return List.copyOf(segments);
    }

    /**
     * Splits a path that is not percent-encoded any more, such as a listing's prefix or a stream
     * name in a body.
     *
     * @throws ApiException invalid argument, when a segment is none that can exist
     */
    public static List<String> namesIn(String path) {
        List<String> names = new ArrayList<>();
        for (String name : split(path, '/')) {
            if (!name.isEmpty()) {
                names.add(checkName(name));
            }
        }
        if (path.getBytes(StandardCharsets.UTF_8).length > Limits.MAX_PATH_BYTES) {
            throw ApiException.invalidArgument(
                    "the path has more than " + Limits.MAX_PATH_BYTES + " bytes");
        }
        return names;
    }

    private static String checkName(String name) {
        if (name.equals(".") || name.equals("..")) {
            throw ApiException.invalidArgument("a path cannot have the segment " + name);
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            // What XML cannot carry could not be listed; a slash would be a separator in the
            // listing.
            if (c < ' ' || c == '/' || c == '\u007f' || c == '\ufffe' || c == '\uffff') {
                throw ApiException.invalidArgument(
                        String.format("a path cannot contain the character U+%04X", (int) c));
            }
        }
        return name;
    }

    private static Map<String, String> query(String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (String parameter : split(query, '&')) {
            int equals = parameter.indexOf('=');
            if (equals >= 0) {
                parameters.put(
                        decode(parameter.substring(0, equals)),
                        decode(parameter.substring(equals + 1)));
            } else if (!parameter.isEmpty()) {
                parameters.put(decode(parameter), "");
            }
        }
        return parameters;
    }

    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        int start = 0;
        for (int end = text.indexOf(separator); end >= 0; end = text.indexOf(separator, start)) {
            parts.add(text.substring(start, end));
            start = end + 1;
        }
        parts.add(text.substring(start));
        return parts;
    }

    /** Percent-decoding as in RFC 3986: {@code +} stays a plus. */
    private static String decode(String encoded) {
        if (encoded.indexOf('%') < 0) {
            return encoded;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(encoded.length());
        int i = 0;
        while (i < encoded.length()) {
            char c = encoded.charAt(i);
            if (c == '%') {
                bytes.write(hexByte(encoded, i));
                i += 3;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(StandardCharsets.UTF_8));
                i++;
            }
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw ApiException.invalidArgument("not UTF-8 after percent-decoding: " + encoded);
        }
    }

    private static int hexByte(String encoded, int percent) {
        int high =
                percent + 2 < encoded.length()
                        ? Character.digit(encoded.charAt(percent + 1), 16)
                        : -1;
        int low = high < 0 ? -1 : Character.digit(encoded.charAt(percent + 2), 16);
        if (low < 0) {
            throw ApiException.invalidArgument("malformed percent-encoding: " + encoded);
        }
        return high * 16 + low;
    }
}
