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

package io.v3io.flink.benchmarks.scale;

import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.source.PayloadSchema;
import io.v3io.flink.source.V3ioSource;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A Flink job in this process that reads a stream with so many subtasks and drops the records. */
final class WideJob implements AutoCloseable {

    private final JobClient job;
    private final long countAtStart = AddingSink.count();

    private WideJob(JobClient job) {
        this.job = job;
    }

    /**
     * Starts it.
     *
     * @param bufferSize of each subtask, as in {@code scan.fetch.buffer-size}
     */
    static WideJob start(String endpoint, String stream, int subtasks, MemorySize bufferSize)
            throws Exception {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(subtasks, new Configuration());
        env.getConfig().enableObjectReuse();
        env.fromSource(
                        V3ioSource.<byte[]>builder()
                                .setEndpoint(endpoint)
                                .setAccessKey("any")
                                .setStream(stream)
                                .setBufferSize(bufferSize)
                                .setDeserializer(new PayloadSchema())
                                .build(),
                        WatermarkStrategy.noWatermarks(),
                        "source")
                .sinkTo(new AddingSink());
        return new WideJob(env.executeAsync());
    }

    long records() {
        return AddingSink.count() - countAtStart;
    }

    void awaitRecords(long enough) throws Exception {
        Pause.until(
                () -> {
                    if (job.getJobExecutionResult().isDone()) {
                        // Throws what has ended it.
                        job.getJobExecutionResult().get();
                    }
                    return records() >= enough;
                },
                enough + " records have come");
    }

    @Override
    public void close() throws ExecutionException, InterruptedException {
        // It ends with an exception that says that it was cancelled.
        CompletableFuture<Void> end = job.getJobExecutionResult().handle((result, e) -> null);
        if (!end.isDone()) {
            job.cancel().get();
        }
        end.get();
    }
}
