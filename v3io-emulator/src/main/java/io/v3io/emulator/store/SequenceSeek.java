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

package io.v3io.emulator.store;

import io.v3io.emulator.Dialect;
import io.v3io.emulator.DialectSetting.SeekBeyond;
import io.v3io.emulator.DialectSetting.SeekNext;
import io.v3io.emulator.DialectSetting.SeekRemoved;
import io.v3io.emulator.protocol.ApiException;

/** Where Seek SEQUENCE leads, by the dialect, when the number is not that of a stored record. */
record SequenceSeek(Dialect dialect, Numbering numbering, long firstIndex, long endIndex) {

    /**
     * The index to read from.
     *
     * @throws ApiException when the dialect refuses the number
     */
    long index(long number) {
        long index = numbering.indexAtOrAfter(number);
        if (index < firstIndex) {
            return switch (dialect.get(SeekRemoved.class)) {
                case ERROR -> throw refused(number);
                case END -> endIndex;
                case OLDEST -> firstIndex;
            };
        }
        if (index < endIndex && numbering.number(index) == number) {
            return index;
        }
        // Also a number in a gap: a reader that goes on after a record cannot know the next number.
        if (index < endIndex || number == numbering.number(endIndex - 1) + 1) {
            if (dialect.is(SeekNext.END)) {
                return index;
            }
            throw refused(number);
        }
        return switch (dialect.get(SeekBeyond.class)) {
            case ERROR -> throw refused(number);
            case END -> endIndex;
            case OLDEST -> firstIndex;
        };
    }

    private static ApiException refused(long number) {
        return ApiException.invalidArgument("sequence number " + number + " is not stored");
    }
}
