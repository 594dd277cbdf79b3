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

import io.v3io.testing.TestSeeds;

import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;

/** What the random tests of the sink draw from. */
final class Seeds {

    private Seeds() {}

    /** One of the orders that a sink may keep. */
    static OrderGuarantee anyOrder(Random random) {
        List<OrderGuarantee> all = List.of(OrderGuarantee.values());
        return all.get(random.nextInt(all.size()));
    }

    /** See {@link TestSeeds#fresh}. */
    static LongStream all() {
        return TestSeeds.fresh();
    }
}
