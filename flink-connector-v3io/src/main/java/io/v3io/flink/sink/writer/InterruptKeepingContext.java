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

package io.v3io.flink.sink.writer;

import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.util.UserCodeClassLoader;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ScheduledFuture;
import java.util.function.Consumer;

/**
 * The task as the base class sees it, with timers that do not lose an interrupt.
 *
 * <p>The base class flushes from a timer, and waits there for a free request. If the job is
 * cancelled then, the wait ends by the interrupt, but Flink discards what a timer throws in a task
 * that is being cancelled. When that timer ran inside another wait of the writer, this one never
 * learns of the cancellation and goes on waiting for a server that may never answer, until Flink
 * interrupts again half a minute later. So the interrupt is set again for the outer wait to see.
 */
final class InterruptKeepingContext implements WriterInitContext {

    private final WriterInitContext context;

    InterruptKeepingContext(WriterInitContext context) {
        this.context = context;
    }

    @Override
    public ProcessingTimeService getProcessingTimeService() {
        ProcessingTimeService timers = context.getProcessingTimeService();
        return new ProcessingTimeService() {
            @Override
            public long getCurrentProcessingTime() {
                return timers.getCurrentProcessingTime();
            }

            @Override
            public ScheduledFuture<?> registerTimer(long timestamp, ProcessingTimeCallback target) {
                return timers.registerTimer(timestamp, time -> callKeepingInterrupt(target, time));
            }
        };
    }

    private static void callKeepingInterrupt(
            ProcessingTimeService.ProcessingTimeCallback target, long time) throws Exception {
        try {
            target.onProcessingTime(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw e;
        }
    }

    @Override
    public UserCodeClassLoader getUserCodeClassLoader() {
        return context.getUserCodeClassLoader();
    }

    @Override
    public MailboxExecutor getMailboxExecutor() {
        return context.getMailboxExecutor();
    }

    @Override
    public SinkWriterMetricGroup metricGroup() {
        return context.metricGroup();
    }

    @Override
    public SerializationSchema.InitializationContext asSerializationSchemaInitializationContext() {
        return context.asSerializationSchemaInitializationContext();
    }

    @Override
    public boolean isObjectReuseEnabled() {
        return context.isObjectReuseEnabled();
    }

    @Override
    public <T> TypeSerializer<T> createInputSerializer() {
        return context.createInputSerializer();
    }

    @Override
    public <T> Optional<Consumer<T>> metadataConsumer() {
        return context.metadataConsumer();
    }

    @Override
    public OptionalLong getRestoredCheckpointId() {
        return context.getRestoredCheckpointId();
    }

    @Override
    public JobInfo getJobInfo() {
        return context.getJobInfo();
    }

    @Override
    public TaskInfo getTaskInfo() {
        return context.getTaskInfo();
    }
}
