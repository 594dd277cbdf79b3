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

package io.v3io.flink.benchmarks.measure;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Lets what is measured run. */
public final class Pause {

    private static final Duration LOOK_AGAIN = Duration.ofMillis(5);
    private static final Duration MAX_WAIT = Duration.ofMinutes(3);

    private Pause() {}

    public static void of(Duration duration) throws InterruptedException {
        boolean unused = new CountDownLatch(1).await(duration.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Returns soon after something has become true, or throws after three minutes. */
    public static void until(Callable<Boolean> condition, String what) throws Exception {
        long deadline = System.nanoTime() + MAX_WAIT.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("Waited too long until " + what + ".");
            }
            of(LOOK_AGAIN);
        }
    }
}
