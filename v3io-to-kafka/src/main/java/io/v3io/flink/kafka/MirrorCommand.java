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

package io.v3io.flink.kafka;

import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.mirror.Mirror;
import io.v3io.flink.kafka.plan.Refusal;
import io.v3io.flink.kafka.status.StatusSurvey;

import org.apache.flink.configuration.DeploymentOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.client.JobCancellationException;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ExceptionUtils;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Copies streams into topics. */
@Command(
        name = "mirror",
        description = {
            "Copies every record of the streams into the topics, exactly once, shard i into partition i, until it"
                    + " is stopped. Goes on from what was copied before.",
            "Ends with 0 when the job was cancelled or, with --until-end, is through; 1 if the job failed; 3 if it"
                    + " was refused. A signal that stops it ends it with 130 (Ctrl-C) or 143 (SIGTERM)."
        })
final class MirrorCommand extends CommandBase {

    private static final Duration PROGRESS = Duration.ofSeconds(5);
    private static final long CANCEL_SECONDS = 60;

    @Option(
            names = "--until-end",
            description =
                    "End when everything is copied that was in the streams at the start, instead of going on.")
    private boolean untilEnd;

    @Override
    int run(MigrationConfig settings, Output output) throws Exception {
        Mirror mirror = new Mirror(settings);
        List<Refusal> refusals = mirror.prepare();
        if (!refusals.isEmpty()) {
            output.json(Map.of("event", "refused", "refusals", refusals));
            new PlanReport(output).printRefusals(refusals);
            return ExitCode.REFUSED;
        }
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        boolean isLocal = env instanceof LocalStreamEnvironment;
        JobClient job = mirror.start(env, untilEnd);
        String id = job.getJobID().toString();
        output.json(Map.of("event", "started", "job", id));
        output.say(
                "Mirror '"
                        + settings.mirror()
                        + "' runs as job "
                        + id
                        + (isLocal ? " in this process; Ctrl-C stops it." : "."));
        if (!isLocal && !env.getConfiguration().get(DeploymentOptions.ATTACHED)) {
            return ExitCode.OK;
        }
        return follow(settings, output, mirror, job, isLocal);
    }

    int follow(
            MigrationConfig settings, Output output, Mirror mirror, JobClient job, boolean isLocal)
            throws Exception {
        CompletableFuture<?> end = job.getJobExecutionResult();
        Thread hook = new Thread(() -> stop(mirror, job), "stop-mirror");
        if (isLocal) {
            Runtime.getRuntime().addShutdownHook(hook);
        }
        try (StatusSurvey survey = new StatusSurvey(settings)) {
            Progress progress = new Progress(survey, output);
            while (true) {
                try {
                    var unused = end.get(PROGRESS.toMillis(), TimeUnit.MILLISECONDS);
                    break;
                } catch (TimeoutException e) {
                    progress.print();
                }
            }
            progress.print();
            noteEnd(mirror);
            output.json(Map.of("event", "ended"));
            output.say("Everything that was in the streams at the start is copied.");
            return ExitCode.OK;
        } catch (CancellationException e) {
            return stopped(output);
        } catch (ExecutionException e) {
            if (ExceptionUtils.findThrowable(e, JobCancellationException.class).isPresent()) {
                noteEnd(mirror);
                return stopped(output);
            }
            try {
                mirror.ended();
            } catch (RuntimeException unnoted) {
                e.addSuppressed(unnoted);
            }
            throw e;
        } finally {
            if (isLocal) {
                removeHook(hook);
            }
        }
    }

    private static int stopped(Output output) {
        output.json(Map.of("event", "stopped"));
        output.say("The job was stopped.");
        return ExitCode.OK;
    }

    /** The job is over, whatever comes of this. */
    private static void noteEnd(Mirror mirror) throws InterruptedException {
        try {
            mirror.ended();
        } catch (RuntimeException e) {
            System.err.println(
                    "The end could not be noted in the state topic; the next start waits for signs of life: "
                            + e.getMessage());
        }
    }

    private static void removeHook(Thread hook) {
        try {
            var unused = Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is at work.
        }
    }

    /** On Ctrl-C. What is not committed is left to the next run; nothing is lost or doubled. */
    private static void stop(Mirror mirror, JobClient job) {
        try {
            var unused = job.cancel().get(CANCEL_SECONDS, TimeUnit.SECONDS);
            mirror.ended();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.err.println(
                    "The job did not end in order; the next start waits for signs of life of it.");
        }
    }
}
