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

package io.v3io.flink.source;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.fs.Path;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.util.TestStreamEnvironment;
import org.apache.flink.test.junit5.InjectMiniCluster;
import org.apache.flink.util.ChildFirstClassLoader;

import com.fasterxml.jackson.core.JsonFactory;
import org.apache.hc.client5.http.async.HttpAsyncClient;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http2.HttpVersionPolicy;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

import java.io.File;
import java.io.IOException;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Jobs that come and go on one cluster, as on a session cluster, each with the connector and all
 * that it needs in jars of its own. Task manager and job manager give each job a class loader for
 * them; a thread, a static field or a cache that outlives the job would keep it with all its
 * classes.
 */
@Timeout(180)
class V3ioSourceLeakITCase {

    private static final int JOBS = 50;

    /** After as many jobs the cluster has loaded what it needs itself, and is looked at again. */
    private static final int BATCH = 10;

    private static final int SHARDS = 2;
    private static final int RECORDS = 20;

    /** Those of the last two jobs, which a thread of Flink's may still have in hand. */
    private static final int LOADERS_STILL_HELD = 4;

    private static final List<String> THREADS_OF_SOURCES =
            List.of("v3io-client", "Source Data Fetcher", "SourceCoordinator");

    private static final ClassLoadingMXBean CLASSES = ManagementFactory.getClassLoadingMXBean();

    /** What jobs show to the test, whose classes are not in their jars: both see this one. */
    private static final ClassLoaders CLASS_LOADERS = new ClassLoaders();

    private static final AtomicInteger EMITTED = new AtomicInteger();

    @RegisterExtension
    static final TestPlatform PLATFORM =
            TestPlatform.withCluster(
                    1,
                    SHARDS,
                    new Configuration().set(CoreOptions.CLASSLOADER_RESOLVE_ORDER, "child-first"));

    @TempDir private java.nio.file.Path directory;

    private final EmulatedStreams streams = PLATFORM.start();

    @BeforeEach
    void createStreams() {
        StreamPath words = streams.create("users/me/words", SHARDS);
        for (int shard = 0; shard < SHARDS; shard++) {
            streams.put(words, shard, "word", RECORDS / SHARDS);
        }
    }

    @Test
    void cancelledJobsLeaveNoThreadAndNoClass(@InjectMiniCluster MiniCluster cluster)
            throws Exception {
        List<Path> jars = jarsOfTheConnector();
        Set<Thread> threadsOfTheTest = threadsOfSources();

        run(BATCH, cluster, jars);
        awaitEndOf(threadsOfTheTest);
        int classesAtFirst = settledClassCount();
        long loadedAtFirst = CLASSES.getTotalLoadedClassCount();
        int loadersAtFirst = CLASS_LOADERS.seen();

        for (int jobs = BATCH; jobs < JOBS; jobs += BATCH) {
            run(BATCH, cluster, jars);
            awaitEndOf(threadsOfTheTest);
        }

        assertThat(CLASS_LOADERS.kinds()).containsExactly(ChildFirstClassLoader.class.getName());
        assertThat(CLASS_LOADERS.seen()).isGreaterThanOrEqualTo(2 * JOBS);
        long classesOfOneLoader =
                (CLASSES.getTotalLoadedClassCount() - loadedAtFirst)
                        / (CLASS_LOADERS.seen() - loadersAtFirst);
        await("classes of one class loader of " + JOBS)
                .untilAsserted(
                        () ->
                                assertThat(settledClassCount() - classesAtFirst)
                                        .isLessThan((int) classesOfOneLoader / 2));
    }

    /** Everything that belonged to jobs has ended, and can be collected. */
    private static void awaitEndOf(Set<Thread> threadsOfTheTest) {
        await("threads of sources")
                .untilAsserted(() -> assertThat(threadsOfSources()).isSubsetOf(threadsOfTheTest));
        await("class loaders of jobs")
                .untilAsserted(
                        () -> {
                            System.gc();
                            assertThat(CLASS_LOADERS.alive())
                                    .isLessThanOrEqualTo(LOADERS_STILL_HELD);
                        });
    }

    /** How many classes are loaded when the garbage collector finds no more to unload. */
    private static int settledClassCount() {
        AtomicInteger last = new AtomicInteger();
        await("a stable number of classes")
                .until(
                        () -> {
                            System.gc();
                            int now = CLASSES.getLoadedClassCount();
                            return last.getAndSet(now) == now;
                        });
        return last.get();
    }

    private static Set<Thread> threadsOfSources() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(
                        thread ->
                                THREADS_OF_SOURCES.stream().anyMatch(thread.getName()::startsWith))
                .collect(Collectors.toSet());
    }

    private void run(int jobs, MiniCluster cluster, List<Path> jars) throws Exception {
        for (int i = 0; i < jobs; i++) {
            EMITTED.set(0);
            JobClient job = submit(cluster, jars);
            await("records")
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> EMITTED.get() == RECORDS);
            job.cancel().get();
            await("the end of the job")
                    .pollInterval(Duration.ofMillis(10))
                    .until(() -> job.getJobStatus().get() == JobStatus.CANCELED);
        }
    }

    private JobClient submit(MiniCluster cluster, List<Path> jars) throws Exception {
        // The jars become the option pipeline.jars.
        StreamExecutionEnvironment env =
                new TestStreamEnvironment(cluster, new Configuration(), SHARDS, jars, List.of());
        V3ioSource<String> source =
                V3ioSource.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .setStream("users/me/words")
                        .setDeserializer(new ReportingSchema())
                        .build();
        env.fromSource(source, WatermarkStrategy.noWatermarks(), "v3io")
                .map(new CountEmitted())
                .sinkTo(new DiscardingSink<>());
        return env.executeAsync("a job that is cancelled");
    }

    /** What an application's jar would contain: the connector, the client, and its libraries. */
    private List<Path> jarsOfTheConnector() throws Exception {
        List<Path> jars = new ArrayList<>();
        for (Class<?> type :
                List.of(
                        V3ioSource.class,
                        V3ioClient.class,
                        HttpAsyncClient.class,
                        HttpHost.class,
                        HttpVersionPolicy.class,
                        JsonFactory.class)) {
            java.nio.file.Path origin =
                    java.nio.file.Path.of(
                            type.getProtectionDomain().getCodeSource().getLocation().toURI());
            jars.add(new Path((Files.isDirectory(origin) ? jar(type, origin) : origin).toUri()));
        }
        return jars;
    }

    private java.nio.file.Path jar(Class<?> type, java.nio.file.Path classes) throws IOException {
        java.nio.file.Path jar = directory.resolve(type.getSimpleName() + ".jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar));
                Stream<java.nio.file.Path> files = Files.walk(classes)) {
            for (java.nio.file.Path file : files.filter(Files::isRegularFile).toList()) {
                String name = classes.relativize(file).toString();
                zip.putNextEntry(new ZipEntry(name.replace(File.separatorChar, '/')));
                Files.copy(file, zip);
            }
        }
        return jar;
    }

    /** The class loaders that jobs have had, without holding them. */
    private static final class ClassLoaders {

        private final List<WeakReference<ClassLoader>> seen = new ArrayList<>();
        private final Set<String> kinds = ConcurrentHashMap.newKeySet();

        synchronized void add(ClassLoader loader) {
            if (seen.stream().noneMatch(known -> known.refersTo(loader))) {
                seen.add(new WeakReference<>(loader));
                kinds.add(loader.getClass().getName());
            }
        }

        synchronized int seen() {
            return seen.size();
        }

        synchronized long alive() {
            return seen.stream().filter(known -> !known.refersTo(null)).count();
        }

        Set<String> kinds() {
            return kinds;
        }
    }

    /** Reports the class loader of the connector's classes that make and call it. */
    private static final class ReportingSchema extends SimpleStringSchema {
        private static final long serialVersionUID = 1L;

        /** In readers, by the class of the connector that calls. */
        @Override
        public void open(DeserializationSchema.InitializationContext context) {
            CLASS_LOADERS.add(context.getClass().getClassLoader());
        }

        /** For enumerators, which only get the source from which they are made. */
        private Object readResolve() {
            ClassLoader ofJob = Thread.currentThread().getContextClassLoader();
            try {
                CLASS_LOADERS.add(
                        Class.forName(V3ioSource.class.getName(), false, ofJob).getClassLoader());
            } catch (ClassNotFoundException e) {
                throw new AssertionError("the job has no V3ioSource", e);
            }
            return this;
        }
    }

    private static final class CountEmitted implements MapFunction<String, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String map(String word) {
            EMITTED.incrementAndGet();
            return word;
        }
    }
}
