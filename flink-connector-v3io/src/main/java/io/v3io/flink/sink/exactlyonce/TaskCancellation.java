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

package io.v3io.flink.sink.exactlyonce;

import org.apache.flink.metrics.MetricGroup;

import javax.annotation.Nullable;

/**
 * Whether Flink has begun to cancel a task, or to fail it from outside.
 *
 * <p>Flink interrupts the task's thread then, but not any more when it closes the operators of a
 * task that ends in order. No operator is told then: the state of the task, its registry of what is
 * to be closed and its input gates are nothing that a sink gets hold of, and mailbox and timers
 * have ended before. What remains to be seen are the threads that Flink starts for it, in the
 * thread group of the task. From 2.0 to 2.3 it names them after the attempt, and one of them, which
 * would interrupt the task's thread, lives as long as that.
 *
 * <p>This is no promise of Flink's. Where it names its threads in another way nothing is seen, so
 * nobody may wait for that alone.
 */
final class TaskCancellation {

    /** Flink's name for the attempt among the variables of a metric group. */
    private static final String ATTEMPT_ID = "<task_attempt_id>";

    /** What the names of all these threads begin with: a canceler's, or of its watchdog. */
    private static final String THREAD_PREFIX = "Cancel";

    @Nullable private final String attempt;

    private TaskCancellation(@Nullable String attempt) {
        this.attempt = attempt;
    }

    /** For the task that these metrics are of. */
    static TaskCancellation of(MetricGroup metrics) {
        return new TaskCancellation(metrics.getAllVariables().get(ATTEMPT_ID));
    }

    /** Asked on the task's thread; false where that is not to be seen. */
    boolean hasBegun() {
        if (attempt == null) {
            return false;
        }
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        Thread[] threads = new Thread[group.activeCount() + 1];
        int count = group.enumerate(threads, false);
        while (count == threads.length) {
            // There may be more of them than fit.
            threads = new Thread[threads.length * 2];
            count = group.enumerate(threads, false);
        }
        for (int i = 0; i < count; i++) {
            String name = threads[i].getName();
            if (name.startsWith(THREAD_PREFIX) && name.contains(attempt)) {
                return true;
            }
        }
        return false;
    }
}
