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

import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;

import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes numbers on as text, and crashes at a random one of each of the first attempts, before or
 * after checkpoints. Only the first subtask does. One job of a JVM at a time.
 */
final class CrashSometimes extends RichMapFunction<Long, String> {

    private static final long serialVersionUID = 1L;

    /** The tasks run in this JVM. */
    private static final AtomicInteger CRASHED = new AtomicInteger();

    private final long seed;
    private final int crashes;
    private final int least;
    private final int most;
    private transient int recordsUntilCrash;

    /**
     * Has not crashed yet.
     *
     * @param crashes attempts that crash, if the subtask's records last for all of them
     * @param least records before a crash
     * @param most records before a crash, not included
     */
    CrashSometimes(long seed, int crashes, int least, int most) {
        this.seed = seed;
        this.crashes = crashes;
        this.least = least;
        this.most = most;
        CRASHED.set(0);
    }

    /** How often the newest one has crashed. */
    static int crashed() {
        return CRASHED.get();
    }

    @Override
    public void open(OpenContext context) {
        int attempt = getRuntimeContext().getTaskInfo().getAttemptNumber();
        boolean willCrash =
                attempt < crashes && getRuntimeContext().getTaskInfo().getIndexOfThisSubtask() == 0;
        recordsUntilCrash =
                willCrash ? least + new Random(seed + attempt).nextInt(most - least) : -1;
    }

    @Override
    public String map(Long number) {
        if (recordsUntilCrash > 0 && --recordsUntilCrash == 0) {
            CRASHED.incrementAndGet();
            throw new IllegalStateException("A crash, as the test wants it.");
        }
        return String.valueOf(number);
    }
}
