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

package io.v3io.testing;

import java.util.Random;
import java.util.stream.LongStream;

/**
 * The seeds of random tests; more of them in the nightly profile, and only the one of {@code
 * -Dv3io.test.seed} where that is set.
 */
public final class TestSeeds {

    private static final int NEW = 20;
    private static final int NEW_NIGHTLY = 200;

    private TestSeeds() {}

    /** New ones with each run, 20 or 200. */
    public static LongStream fresh() {
        long first = System.nanoTime();
        return orTheOne(LongStream.range(first, first + (isNightly() ? NEW_NIGHTLY : NEW)));
    }

    /**
     * The same ones with each run.
     *
     * @param nightly new ones besides, in the nightly profile
     */
    public static LongStream fixed(int nightly, long... seeds) {
        LongStream fixed = LongStream.of(seeds);
        return orTheOne(
                isNightly() ? LongStream.concat(fixed, new Random().longs(nightly)) : fixed);
    }

    /** As {@link #fixed}, with the seeds from 1 up to a number. */
    public static LongStream upTo(int last, int nightly) {
        return fixed(nightly, LongStream.rangeClosed(1, last).toArray());
    }

    private static LongStream orTheOne(LongStream seeds) {
        Long one = Long.getLong("v3io.test.seed");
        return one == null ? seeds : LongStream.of(one);
    }

    private static boolean isNightly() {
        return Boolean.getBoolean("v3io.test.nightly");
    }
}
