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

package io.v3io.flink.examples;

import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.core.execution.JobClient;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for a job and tells meanwhile how far it is. */
final class JobProgress {

    private JobProgress() {}

    /**
     * Waits for the end of a job, and prints at every interval how many words it has seen.
     *
     * @return how many words it has seen in the end
     * @throws ExecutionException if the job fails
     */
    static long await(JobClient job, Duration interval, PrintStream out)
            throws ExecutionException, InterruptedException {
        CompletableFuture<JobExecutionResult> end = job.getJobExecutionResult();
        while (true) {
            try {
                Long words =
                        end.get(interval.toMillis(), TimeUnit.MILLISECONDS)
                                .getAccumulatorResult(WordCountJobs.WORDS);
                return words == null ? 0 : words;
            } catch (TimeoutException e) {
                wordsUntilNow(job).ifPresent(words -> out.println("  ... " + words));
            }
        }
    }

    private static Optional<String> wordsUntilNow(JobClient job) throws InterruptedException {
        try {
            Object words = job.getAccumulators().get().get(WordCountJobs.WORDS);
            return Optional.of(words == null ? "starting" : words + " words");
        } catch (ExecutionException e) {
            // Only the news are lost. If the job is in trouble, its end will tell.
            return Optional.of("no news: " + e.getMessage());
        } catch (IllegalStateException e) {
            // A cluster in this process is gone as soon as its job has ended: this is the end.
            return Optional.empty();
        }
    }
}
