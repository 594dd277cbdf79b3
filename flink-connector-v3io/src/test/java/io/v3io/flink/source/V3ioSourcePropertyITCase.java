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

package io.v3io.flink.source;

import io.v3io.testing.TestSeeds;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.stream.LongStream;

/**
 * Whatever happens to a job and to the platform, every record is emitted exactly once with respect
 * to checkpoints, in the order of its shard; but for those that retention has removed, if the
 * source is set to live with that. What happens is drawn from a seed: the dialect of the platform,
 * numbers of shards, sizes of batches and buffers, starting and stopping positions, the choice on
 * data loss, faults of every request, checkpoints that complete or do not, failures of tasks and of
 * the job, rescaling, other streams or another pattern at a restart, with or without those of the
 * checkpoint, streams that are created and deleted, growth, retention, records at any time.
 *
 * <p>Twenty fixed seeds; in the nightly profile 180 new ones more, whose numbers are in the tests'
 * names. {@code -Dv3io.test.seed=<number>} runs one of them alone. A seed fixes the steps and not
 * how long requests take, so one that failed may have to be run a few times to fail again; its
 * message tells the steps.
 */
@Timeout(120)
class V3ioSourcePropertyITCase {

    private static final int FIXED = 20;
    private static final int NIGHTLY = 180;

    static LongStream seeds() {
        return TestSeeds.upTo(FIXED, NIGHTLY);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRecordIsEmittedOnceAndInOrder(long seed) throws Exception {
        try (RandomRun run = new RandomRun(seed)) {
            run.run();
        }
    }
}
