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

import io.v3io.emulator.DialectSetting.SequenceNumbers;

/**
 * The sequence numbers that a shard's records have for clients. Inside of the emulator records are
 * counted from 1 without gaps; the count of a record is its index.
 */
enum Numbering {
    /** Records are numbered without gaps: the number is the index. */
    GAPLESS {
        @Override
        long number(long index) {
            return index;
        }

        @Override
        long indexAtOrAfter(long number) {
            return number;
        }
    },
    /** One number out of each run of {@link #STRIDE}, beyond 32 bits. */
    GAPS {
        @Override
        long number(long index) {
            long mixed = index * 0x9e3779b97f4a7c15L;
            mixed = (mixed ^ (mixed >>> 29)) * 0xff51afd7ed558ccdL;
            return BASE + index * STRIDE + (mixed >>> 33) % STRIDE;
        }

        @Override
        long indexAtOrAfter(long number) {
            long index = Math.floorDiv(number - BASE, STRIDE);
            return number(index) >= number ? index : index + 1;
        }
    };

    private static final long BASE = 5_000_000_000L;
    private static final long STRIDE = 5;

    /** The number of an index. */
    abstract long number(long index);

    /** The lowest index whose number is this one or higher. */
    abstract long indexAtOrAfter(long number);

    static Numbering of(SequenceNumbers setting) {
        return setting == SequenceNumbers.GAPS ? GAPS : GAPLESS;
    }
}
