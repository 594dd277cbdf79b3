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

package io.v3io.flink.benchmarks.enumerator;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.enumerator.V3ioEnumeratorState;
import io.v3io.flink.source.event.ShardsHeldEvent;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.util.function.ThrowingRunnable;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The enumerator of a job with very many readers and shards: what its coordinator thread spends on
 * a start, on a failure of a quarter of the readers, on a restore and on a growth. The streams are
 * real ones of an emulator; their requests are made outside of what is measured, as Flink makes
 * them on another thread.
 */
public final class EnumeratorScale {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final int readers;
    private final int streams;
    private final int shards;

    /**
     * CPU seconds of the coordinator thread.
     *
     * @param start all readers register, all shards are found and assigned
     * @param failure a quarter of the readers gives back what it has and gets it again
     * @param restore a checkpoint in which all shards are unassigned is read, and they are assigned
     * @param growth every stream grows from half its shards to all of them
     * @param checkpointBytes of that checkpoint, for each shard
     */
    public record Costs(
            double start, double failure, double restore, double growth, double checkpointBytes) {

        /** The largest of the four. */
        public double worst() {
            return Math.max(Math.max(start, failure), Math.max(restore, growth));
        }
    }

    /**
     * Prepares a job of these sizes.
     *
     * @param shards of each stream
     */
    public EnumeratorScale(int readers, int streams, int shards) {
        this.readers = readers;
        this.streams = streams;
        this.shards = shards;
    }

    /** Plays the job's life. */
    public Costs measure() throws Exception {
        try (V3ioEmulator emulator = V3ioEmulator.builder().start();
                V3ioClient client =
                        V3ioClient.builder()
                                .setEndpoint(emulator.endpoint())
                                .setAccessKey("any")
                                .build()) {
            List<String> names = new ArrayList<>();
            for (int stream = 0; stream < streams; stream++) {
                names.add("users/benchmarks/scale/stream-" + stream);
                client.createStream(StreamPath.parse(names.get(stream)), shards / 2, 24).join();
            }
            V3ioSource<String> source =
                    V3ioSource.<String>builder()
                            .setEndpoint(emulator.endpoint())
                            .setAccessKey("any")
                            .setStreams(names)
                            // So that every call makes a look.
                            .setShardDiscoveryInterval(Duration.ofMillis(1))
                            .setDeserializer(new SimpleStringSchema())
                            .build();
            double growth = growth(source, client, names);
            // All streams have all their shards now.
            CountingContext context = new CountingContext(readers);
            double start;
            double failure;
            byte[] checkpoint;
            SimpleVersionedSerializer<V3ioEnumeratorState> serializer =
                    source.getEnumeratorCheckpointSerializer();
            try (SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> enumerator =
                    source.createEnumerator(context)) {
                start = start(enumerator, context);
                checkAllAssigned(context, streams * shards);
                failure = failure(enumerator, context);
                checkAllAssigned(context, streams * shards);
            }
            CountingContext withoutReaders = new CountingContext(readers);
            try (SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> enumerator =
                    source.createEnumerator(withoutReaders)) {
                enumerator.start();
                withoutReaders.runCalls().forEach(Runnable::run);
                checkpoint = serializer.serialize(enumerator.snapshotState(1));
            }
            double restore = restore(source, serializer, checkpoint);
            return new Costs(
                    start, failure, restore, growth, (double) checkpoint.length / streams / shards);
        }
    }

    private double growth(V3ioSource<String> source, V3ioClient client, List<String> names)
            throws Exception {
        CountingContext context = new CountingContext(readers);
        try (SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> enumerator =
                source.createEnumerator(context)) {
            start(enumerator, context);
            for (String name : names) {
                client.updateStream(StreamPath.parse(name), shards).join();
            }
            List<Runnable> answers = context.runCalls();
            double cost = cpuSeconds(() -> answers.forEach(Runnable::run));
            checkAllAssigned(context, streams * shards);
            return cost;
        }
    }

    /** Half of the readers come before the shards are known, half after. */
    private double start(
            SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> enumerator,
            CountingContext context)
            throws Exception {
        double before =
                cpuSeconds(
                        () -> {
                            enumerator.start();
                            registerAll(enumerator, context, 0, readers / 2);
                        });
        List<Runnable> answers = context.runCalls();
        return before
                + cpuSeconds(
                        () -> {
                            answers.forEach(Runnable::run);
                            registerAll(enumerator, context, readers / 2, readers);
                        });
    }

    private double failure(
            SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> enumerator,
            CountingContext context)
            throws Exception {
        return cpuSeconds(
                () -> {
                    for (int subtask = 0; subtask < readers / 4; subtask++) {
                        enumerator.addSplitsBack(context.fail(subtask), subtask);
                    }
                    registerAll(enumerator, context, 0, readers / 4);
                });
    }

    private double restore(
            V3ioSource<String> source,
            SimpleVersionedSerializer<V3ioEnumeratorState> serializer,
            byte[] checkpoint)
            throws Exception {
        CountingContext context = new CountingContext(readers);
        List<SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState>> restored = new ArrayList<>();
        try {
            double cost =
                    cpuSeconds(
                            () -> {
                                restored.add(
                                        source.restoreEnumerator(
                                                context,
                                                serializer.deserialize(
                                                        serializer.getVersion(), checkpoint)));
                                restored.get(0).start();
                                registerAll(restored.get(0), context, 0, readers);
                            });
            checkAllAssigned(context, streams * shards);
            return cost;
        } finally {
            for (SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> enumerator : restored) {
                enumerator.close();
            }
        }
    }

    private static void registerAll(
            SplitEnumerator<V3ioShardSplit, V3ioEnumeratorState> enumerator,
            CountingContext context,
            int from,
            int to) {
        for (int subtask = from; subtask < to; subtask++) {
            context.register(subtask);
            enumerator.addReader(subtask);
            enumerator.handleSourceEvent(subtask, new ShardsHeldEvent(0));
        }
    }

    private static void checkAllAssigned(CountingContext context, int shards) {
        if (context.assignedCount() != shards || context.largestDifference() > 1) {
            throw new IllegalStateException(
                    context.assignedCount()
                            + " shards are assigned and readers differ by "
                            + context.largestDifference()
                            + ", but all "
                            + shards
                            + " should be, evenly.");
        }
    }

    private static double cpuSeconds(ThrowingRunnable<Exception> work) throws Exception {
        long start = THREADS.getCurrentThreadCpuTime();
        work.run();
        return (THREADS.getCurrentThreadCpuTime() - start) / 1e9;
    }
}
