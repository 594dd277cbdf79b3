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

package io.v3io.flink.testing;

import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointException;
import org.apache.flink.runtime.checkpoint.CheckpointFailureReason;
import org.apache.flink.util.ExceptionUtils;

import org.awaitility.Awaitility;

import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Takes savepoints. Flink refuses one while any task of the job is not running yet, and what a test
 * has seen of a job, a metric or a record, may come before that: a task registers its metrics, and
 * tasks that run hand over records, while others are still being started.
 */
public final class Savepoints {

    private static final Duration AT_MOST = Duration.ofSeconds(60);

    private Savepoints() {}

    /**
     * Stops a job with a savepoint, as soon as all of its tasks run.
     *
     * @return where the savepoint is
     */
    public static String stop(JobClient job, Path directory) {
        return whenAllTasksRun(
                () ->
                        job.stopWithSavepoint(
                                false,
                                directory.toUri().toString(),
                                SavepointFormatType.CANONICAL));
    }

    /**
     * Takes a savepoint of a job that goes on, as soon as all of its tasks run.
     *
     * @return where the savepoint is
     */
    public static String take(JobClient job, Path directory) {
        return whenAllTasksRun(
                () ->
                        job.triggerSavepoint(
                                directory.toUri().toString(), SavepointFormatType.CANONICAL));
    }

    private static String whenAllTasksRun(Supplier<CompletableFuture<String>> savepoint) {
        return Awaitility.await("all tasks run and a savepoint is taken")
                .atMost(AT_MOST)
                .ignoreExceptionsMatching(Savepoints::isTooEarly)
                .until(() -> savepoint.get().get(), path -> true);
    }

    private static boolean isTooEarly(Throwable failure) {
        return ExceptionUtils.findThrowable(failure, CheckpointException.class)
                .map(CheckpointException::getCheckpointFailureReason)
                .filter(CheckpointFailureReason.NOT_ALL_REQUIRED_TASKS_RUNNING::equals)
                .isPresent();
    }
}
