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

import io.v3io.flink.kafka.config.ConfigFile;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.mirror.Mirror;
import io.v3io.flink.kafka.testing.Migration;

import org.apache.flink.api.common.JobExecutionResult;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.client.JobCancellationException;

import org.apache.kafka.common.KafkaException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the end of a job makes of the command. */
@Timeout(120)
class MirrorCommandITCase {

    private final StringWriter out = new StringWriter();
    private Migration migration;

    @BeforeEach
    void start() throws Exception {
        migration = Migration.start().createStream(1);
    }

    @AfterEach
    void end() {
        migration.close();
    }

    private int follow(MigrationConfig config, CompletableFuture<JobExecutionResult> end)
            throws Exception {
        return new MirrorCommand()
                .follow(
                        config,
                        new Output(new PrintWriter(out, true), false),
                        new Mirror(config),
                        new EndedJob(end),
                        false);
    }

    private MigrationConfig withoutBroker() {
        return ConfigFile.parse(
                migration
                        .yaml()
                        .replaceFirst("bootstrap-servers: .*", "bootstrap-servers: 127.0.0.1:1")
                        .replace(
                                "  state-topic:",
                                "  properties:\n    default.api.timeout.ms: 500\n    request.timeout.ms: 400\n"
                                        + "  state-topic:"));
    }

    @Test
    void aJobThatWasCancelledWasStopped() throws Exception {
        int code =
                follow(
                        migration.config(),
                        CompletableFuture.failedFuture(
                                new CompletionException(
                                        new JobCancellationException(
                                                new JobID(), "Job was cancelled.", null))));

        assertThat(code).isZero();
        assertThat(out.toString()).contains("The job was stopped.");
    }

    @Test
    void theReasonOfAFailureIsSaidThoughItsEndCannotBeNoted() {
        assertThatThrownBy(
                        () ->
                                follow(
                                        withoutBroker(),
                                        CompletableFuture.failedFuture(
                                                new IllegalStateException("the reason"))))
                .isInstanceOf(ExecutionException.class)
                .hasRootCauseMessage("the reason")
                .satisfies(
                        failure ->
                                assertThat(failure.getSuppressed())
                                        .hasOnlyElementsOfType(KafkaException.class)
                                        .hasSize(1));
    }

    @Test
    void aJobThatIsThroughIsWellThoughItsEndCannotBeNoted() throws Exception {
        int code =
                follow(
                        withoutBroker(),
                        CompletableFuture.completedFuture(
                                new JobExecutionResult(new JobID(), 0, Map.of())));

        assertThat(code).isZero();
        assertThat(out.toString()).contains("Everything that was in the streams");
    }

    private record EndedJob(CompletableFuture<JobExecutionResult> end) implements JobClient {

        @Override
        public JobID getJobID() {
            return new JobID();
        }

        @Override
        public CompletableFuture<JobExecutionResult> getJobExecutionResult() {
            return end;
        }

        @Override
        public CompletableFuture<JobStatus> getJobStatus() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Map<String, Object>> getAccumulators() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<Void> cancel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<String> stopWithSavepoint(
                boolean advance, String directory, SavepointFormatType format) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<String> triggerSavepoint(
                String directory, SavepointFormatType format) {
            throw new UnsupportedOperationException();
        }
    }
}
