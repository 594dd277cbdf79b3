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

import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobInfo;
import org.apache.flink.api.common.JobInfoImpl;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.TaskInfoImpl;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.operators.ProcessingTimeService;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.OperatorIOMetricGroup;
import org.apache.flink.metrics.groups.SinkWriterMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.flink.util.concurrent.NeverCompleteFuture;
import org.apache.flink.util.function.ThrowingRunnable;

import javax.annotation.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * What a writer sees of its task, with the test's thread as the mailbox thread: mails run only
 * while the writer yields or the test does.
 */
public final class TestTask implements AutoCloseable {

    /** The id of the task's attempt. */
    static final String ATTEMPT = "an attempt";

    private static final int SUBTASKS = 128;

    private final BlockingQueue<ThrowingRunnable<? extends Exception>> mails =
            new LinkedBlockingQueue<>();
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);
    private final Mailbox mailbox = new Mailbox();
    private final Metrics metrics = new Metrics("");
    private final int subtask;
    private final int parallelism;
    private JobID job = new JobID(1, 2);
    private OptionalLong restored = OptionalLong.empty();
    private boolean finished;
    private volatile boolean ended;

    public TestTask() {
        this(0);
    }

    /** A task with this index among 128. */
    public TestTask(int subtask) {
        this(subtask, SUBTASKS);
    }

    /** The task with this index among so many. */
    public TestTask(int subtask, int parallelism) {
        this.subtask = subtask;
        this.parallelism = parallelism;
        timers.setRemoveOnCancelPolicy(true);
    }

    /** From now on this is a task of another job. */
    public void submitAgain() {
        job = new JobID();
    }

    /** From now on this is a task of this operator. */
    public void setOperator(String id) {
        metrics.operatorId = id;
    }

    /** From now on the job is one that was restored from this checkpoint. */
    public void setRestored(OptionalLong checkpoint) {
        restored = checkpoint;
    }

    public WriterInitContext context() {
        return new Context();
    }

    /** Runs mails until the condition holds, which may come true without a mail, too. */
    public void runUntil(BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("The condition did not come true within 30 seconds.");
            }
            ThrowingRunnable<? extends Exception> mail = mails.poll(5, TimeUnit.MILLISECONDS);
            if (mail != null) {
                mail.run();
            }
        }
    }

    /** Waits for a mail and runs it with the thread's interrupt set. */
    public void runNextMailInterrupted() throws Exception {
        ThrowingRunnable<? extends Exception> mail = mails.take();
        Thread.currentThread().interrupt();
        mail.run();
    }

    /** Value of a counter by its name with groups, for example {@code v3io.recordsDropped}. */
    public long counter(String name) {
        Counter counter = metrics.counters.get(name);
        return counter == null ? 0 : counter.getCount();
    }

    /** Value of a gauge by its name with groups. */
    public Object gauge(String name) {
        return metrics.gauges.get(name).getValue();
    }

    /** From now on a gauge of this name cannot be registered. */
    public void refuseGauge(String name) {
        metrics.refusedGauge = name;
    }

    /** Runs now what is to run within this time, as if it had passed. */
    public void fireTimersWithin(Duration time) throws Exception {
        for (Runnable timer : List.copyOf(timers.getQueue())) {
            long delayMillis = ((ScheduledFuture<?>) timer).getDelay(TimeUnit.MILLISECONDS);
            if (delayMillis <= time.toMillis() && timers.remove(timer)) {
                timer.run();
            }
        }
        runUntil(mails::isEmpty);
    }

    public int pendingTimers() {
        return timers.getQueue().size();
    }

    /** From now on timers do not fire, as after the end of data and before a job is stopped. */
    public void finish() {
        finished = true;
    }

    /** Runs mails until all timers that are due by now have fired. */
    public void runDueTimers() throws Exception {
        AtomicBoolean due = new AtomicBoolean();
        Timers mine = new Timers();
        var unused = mine.register(mine.getCurrentProcessingTime(), time -> due.set(true));
        runUntil(due::get);
    }

    /** From now on the mailbox refuses mails, as it does when a task has ended. */
    public void end() {
        ended = true;
        mails.clear();
        timers.shutdownNow();
    }

    @Override
    public void close() {
        end();
    }

    private final class Mailbox implements MailboxExecutor {

        @Override
        public void execute(
                MailOptions mailOptions,
                ThrowingRunnable<? extends Exception> command,
                String descriptionFormat,
                Object... descriptionArgs) {
            if (ended) {
                throw new RejectedExecutionException("The task has ended.");
            }
            mails.add(command);
        }

        @Override
        public void yield() throws InterruptedException {
            run(mails.take());
        }

        @Override
        public boolean tryYield() {
            ThrowingRunnable<? extends Exception> mail = mails.poll();
            if (mail == null) {
                return false;
            }
            run(mail);
            return true;
        }

        @Override
        public boolean shouldInterrupt() {
            return !mails.isEmpty();
        }

        private void run(ThrowingRunnable<? extends Exception> mail) {
            try {
                mail.run();
            } catch (Exception e) {
                throw new FlinkRuntimeException(e.getMessage(), e);
            }
        }
    }

    private final class Timers implements ProcessingTimeService {

        @Override
        public long getCurrentProcessingTime() {
            return System.currentTimeMillis();
        }

        @Override
        public ScheduledFuture<?> registerTimer(long timestamp, ProcessingTimeCallback target) {
            return finished ? new NeverCompleteFuture(0) : register(timestamp, target);
        }

        private ScheduledFuture<?> register(long timestamp, ProcessingTimeCallback target) {
            return timers.schedule(
                    () -> mailbox.execute(() -> target.onProcessingTime(timestamp), "timer"),
                    timestamp - getCurrentProcessingTime(),
                    TimeUnit.MILLISECONDS);
        }
    }

    /** Keeps counters and gauges of all subgroups by their full names. */
    private static final class Metrics extends UnregisteredMetricsGroup
            implements SinkWriterMetricGroup {

        private final Metrics root;
        private final String prefix;
        private final Map<String, Counter> counters;
        private final Map<String, Gauge<?>> gauges;
        private final OperatorIOMetricGroup io = new Io();
        private String refusedGauge;
        private String operatorId = "an operator";

        Metrics(String prefix) {
            this(null, prefix, new HashMap<>(), new HashMap<>());
        }

        private Metrics(
                @Nullable Metrics root,
                String prefix,
                Map<String, Counter> counters,
                Map<String, Gauge<?>> gauges) {
            this.root = root == null ? this : root;
            this.prefix = prefix;
            this.counters = counters;
            this.gauges = gauges;
        }

        @Override
        public Map<String, String> getAllVariables() {
            return Map.of("<operator_id>", root.operatorId, "<task_attempt_id>", ATTEMPT);
        }

        @Override
        public MetricGroup addGroup(String name) {
            return new Metrics(root, prefix + name + ".", counters, gauges);
        }

        @Override
        public Counter counter(String name) {
            return counters.computeIfAbsent(prefix + name, ignored -> new SimpleCounter());
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            if (name.equals(root.refusedGauge)) {
                throw new IllegalStateException("No gauge " + name + ", as the test wants it.");
            }
            gauges.put(prefix + name, gauge);
            return gauge;
        }

        @Override
        public OperatorIOMetricGroup getIOMetricGroup() {
            return io;
        }

        @SuppressWarnings("deprecation")
        @Override
        public Counter getNumRecordsOutErrorsCounter() {
            return counter("numRecordsSendErrors");
        }

        @Override
        public Counter getNumRecordsSendErrorsCounter() {
            return counter("numRecordsSendErrors");
        }

        @Override
        public Counter getNumRecordsSendCounter() {
            return counter("numRecordsSend");
        }

        @Override
        public Counter getNumBytesSendCounter() {
            return counter("numBytesSend");
        }

        @Override
        public void setCurrentSendTimeGauge(Gauge<Long> gauge) {
            gauge("currentSendTime", gauge);
        }

        private final class Io extends UnregisteredMetricsGroup implements OperatorIOMetricGroup {

            @Override
            public Counter getNumRecordsInCounter() {
                return Metrics.this.counter("numRecordsIn");
            }

            @Override
            public Counter getNumRecordsOutCounter() {
                return getNumRecordsSendCounter();
            }

            @Override
            public Counter getNumBytesInCounter() {
                return Metrics.this.counter("numBytesIn");
            }

            @Override
            public Counter getNumBytesOutCounter() {
                return getNumBytesSendCounter();
            }
        }
    }

    private final class Context implements WriterInitContext {

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return SimpleUserCodeClassLoader.create(TestTask.class.getClassLoader());
        }

        @Override
        public MailboxExecutor getMailboxExecutor() {
            return mailbox;
        }

        @Override
        public ProcessingTimeService getProcessingTimeService() {
            return new Timers();
        }

        @Override
        public SinkWriterMetricGroup metricGroup() {
            return metrics;
        }

        @Override
        public SerializationSchema.InitializationContext
                asSerializationSchemaInitializationContext() {
            return new SerializationSchema.InitializationContext() {
                @Override
                public MetricGroup getMetricGroup() {
                    return metrics;
                }

                @Override
                public UserCodeClassLoader getUserCodeClassLoader() {
                    return Context.this.getUserCodeClassLoader();
                }
            };
        }

        @Override
        public boolean isObjectReuseEnabled() {
            return false;
        }

        @Override
        public <T> TypeSerializer<T> createInputSerializer() {
            throw new UnsupportedOperationException();
        }

        @Override
        public OptionalLong getRestoredCheckpointId() {
            return restored;
        }

        @Override
        public JobInfo getJobInfo() {
            return new JobInfoImpl(job, "job");
        }

        @Override
        public TaskInfo getTaskInfo() {
            return new TaskInfoImpl("sink", SUBTASKS, subtask, parallelism, 0);
        }
    }
}
