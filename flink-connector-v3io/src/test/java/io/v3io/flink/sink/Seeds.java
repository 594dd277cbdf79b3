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

package io.v3io.flink.sink;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * The seeds of the random tests: 20, or 200 in the nightly profile, or the one of {@code
 * -Dv3io.test.seed}.
 */
final class Seeds {

    private Seeds() {}

    /** One of the orders that a sink may keep. */
    static OrderGuarantee anyOrder(Random random) {
        List<OrderGuarantee> all = List.of(OrderGuarantee.values());
        return all.get(random.nextInt(all.size()));
    }

    static LongStream all() {
        Long one = Long.getLong("v3io.test.seed");
        if (one != null) {
            return LongStream.of(one);
        }
        long first = System.nanoTime();
        return LongStream.range(
                first, first + (Boolean.getBoolean("v3io.test.nightly") ? 200 : 20));
    }
}
