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

package io.v3io.flink.source.reader;

import io.v3io.testing.TestSeeds;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.LongStream;

/**
 * Whatever happens to a shard while it is read ahead, its records are emitted as by one request at
 * a time: once, in order, and none is left out but those that retention has removed.
 *
 * <p>Twenty fixed seeds; in the nightly profile 180 new ones more, whose numbers are in the tests'
 * names. {@code -Dv3io.test.seed=<number>} runs one of them alone.
 */
@Timeout(60)
class ReadAheadPropertyTest {

    private static final int FIXED = 20;
    private static final int NIGHTLY = 180;

    static LongStream seeds() {
        return TestSeeds.upTo(FIXED, NIGHTLY);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRecordIsEmittedOnceAndInOrder(long seed) throws Exception {
        try (RandomReadAhead run = new RandomReadAhead(seed)) {
            run.run();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void recordsOfAStreamThatIsCreatedAgainAreNotMixedWithOldOnes(long seed) throws Exception {
        try (RandomReadAhead run = new RandomReadAhead(seed)) {
            run.runWithAnotherStream();
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void norAreThoseThatWereReadAheadBeforeItWas(long seed) throws Exception {
        try (RandomReadAhead run = new RandomReadAhead(seed, true)) {
            run.runWithAnotherStream();
        }
    }
}
