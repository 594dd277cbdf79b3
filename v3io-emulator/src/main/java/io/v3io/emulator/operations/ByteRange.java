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

import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A part of an object, as a {@code Range} header asks for it; both ends are included, from 0. */
record ByteRange(int first, int last) {
    private static final Pattern FORM = Pattern.compile("bytes=([0-9]{0,18})-([0-9]{0,18})");

    /**
     * Understands a header.
     *
     * @throws ApiException when the object is too short, or the header has another form: a server
     *     may ignore that, but then a client takes the whole for a part
     */
    static ByteRange parse(String header, int size) {
        Matcher form = FORM.matcher(header);
        if (!form.matches() || (form.group(1).isEmpty() && form.group(2).isEmpty())) {
            throw malformed(header);
        }
        long first;
        long last;
        if (form.group(1).isEmpty()) {
            long suffix = Long.parseLong(form.group(2));
            first = Math.max(0, size - suffix);
            last = suffix == 0 ? -1 : size - 1L;
        } else {
            first = Long.parseLong(form.group(1));
            long asked = form.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(form.group(2));
            if (asked < first) {
                throw malformed(header);
            }
            last = Math.min(asked, size - 1L);
        }
        if (first > last) {
            throw new ApiException(
                    ApiError.RANGE_NOT_SATISFIABLE,
                    "the object has " + size + " bytes, and " + header + " was asked");
        }
        return new ByteRange((int) first, (int) last);
    }

    private static ApiException malformed(String header) {
        return ApiException.invalidArgument(
                "the Range must be bytes=a-b, bytes=a- or bytes=-n, but was " + header);
    }
}
