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

package io.v3io.flink.benchmarks.server;

import javax.annotation.Nullable;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;

/**
 * What has to be known of a request.
 *
 * @param function the operation; empty if the request names none
 * @param prefix of a listing; empty for other requests
 * @param headBytes bytes before the body
 */
record RequestHead(
        String method,
        String path,
        String function,
        String prefix,
        int headBytes,
        int contentLength) {

    private static final String PREFIX = "prefix=";
    private static final String LENGTH = "content-length:";
    private static final String FUNCTION = "x-v3io-function:";

    /**
     * The head at the start of these bytes, of which so many have come; null if it is not complete.
     */
    @Nullable
    static RequestHead parse(byte[] bytes, int end) {
        String method = "";
        String path = "";
        String function = "";
        String prefix = "";
        int contentLength = 0;
        int line = 0;
        for (int i = 0; i + 1 < end; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
                if (i == line) {
                    return new RequestHead(method, path, function, prefix, i + 2, contentLength);
                }
                if (line == 0) {
                    String[] requestLine = text(bytes, 0, i).split(" ", -1);
                    method = requestLine[0];
                    path = requestLine[1];
                    prefix = prefix(path);
                } else if (startsWith(bytes, line, i, LENGTH)) {
                    contentLength = Integer.parseInt(text(bytes, line + LENGTH.length(), i));
                } else if (startsWith(bytes, line, i, FUNCTION)) {
                    function = text(bytes, line + FUNCTION.length(), i);
                }
                line = i + 2;
                i++;
            }
        }
        return null;
    }

    private static boolean startsWith(byte[] bytes, int from, int to, String lowerCase) {
        if (to - from < lowerCase.length()) {
            return false;
        }
        for (int i = 0; i < lowerCase.length(); i++) {
            int c = bytes[from + i];
            if (c >= 'A' && c <= 'Z') {
                c += 'a' - 'A';
            }
            if (c != lowerCase.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private static String prefix(String path) {
        int at = path.indexOf(PREFIX);
        if (at < 0) {
            return "";
        }
        int start = at + PREFIX.length();
        return URLDecoder.decode(
                path.substring(start, path.indexOf('&', start)), StandardCharsets.UTF_8);
    }

    private static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.US_ASCII).trim();
    }

    /** Whether the body says what to answer; of PutRecords the length says enough. */
    boolean bodyIsRead() {
        return !function.equals("PutRecords") && !isObjectPut();
    }

    /** Whether the body is a plain object. */
    boolean isObjectPut() {
        return function.isEmpty() && method.equals("PUT");
    }

    static long location(String body) {
        int start = valueAt(body, "\"Location\"") + 1;
        return Long.parseLong(body, start, body.indexOf('"', start), 10);
    }

    static long number(String body, String field, long missing) {
        int start = valueAt(body, field);
        if (start < 0) {
            return missing;
        }
        int end = start;
        while (end < body.length() && Character.isDigit(body.charAt(end))) {
            end++;
        }
        return Long.parseLong(body, start, end, 10);
    }

    /** Where the value of a field begins, perhaps after a space, as v3io-go writes it; or -1. */
    private static int valueAt(String body, String field) {
        int at = body.indexOf(field);
        if (at < 0) {
            return -1;
        }
        at = body.indexOf(':', at) + 1;
        while (body.charAt(at) == ' ') {
            at++;
        }
        return at;
    }
}
