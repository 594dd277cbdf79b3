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

package io.v3io.flink.benchmarks.measure;

import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedFrame;
import jdk.jfr.consumer.RecordingFile;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Says where the CPU time of this process goes between start and {@link #stop}: by thread, which
 * includes the time in the kernel, and of the time in Java by module and by method, from the
 * samples of the JVM's own flight recorder.
 */
public final class CpuProfile {

    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final int METHODS = 25;

    /** The innermost frame of one of these decides to whom a sample belongs. */
    private static final Map<String, String> MODULES = modules();

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final Map<Long, Long> cpuBefore = cpuNanos();
    private final Recording recording = new Recording();

    private CpuProfile() {
        recording.enable("jdk.ExecutionSample").withPeriod(PERIOD);
        recording.start();
    }

    public static CpuProfile start() {
        return new CpuProfile();
    }

    private static Map<String, String> modules() {
        Map<String, String> modules = new LinkedHashMap<>();
        modules.put("io.v3io.client.", "client");
        modules.put("io.v3io.flink.sink.", "sink");
        modules.put("io.v3io.flink.source.", "source");
        modules.put("io.v3io.flink.benchmarks.", "benchmark");
        modules.put("com.fasterxml.jackson.", "Jackson");
        modules.put("org.apache.hc.", "HttpClient");
        modules.put("org.apache.kafka.", "Kafka");
        modules.put("org.apache.flink.", "Flink");
        return modules;
    }

    private Map<Long, Long> cpuNanos() {
        Map<Long, Long> nanos = new HashMap<>();
        for (long id : threads.getAllThreadIds()) {
            nanos.put(id, threads.getThreadCpuTime(id));
        }
        return nanos;
    }

    /** Ends the profile and returns it as a text of several lines. */
    public String stop() throws IOException {
        Map<Long, Long> cpuAfter = cpuNanos();
        Path file = Files.createTempFile("bench", ".jfr");
        try {
            recording.stop();
            recording.dump(file);
            recording.close();
            return threadsText(cpuAfter) + samplesText(RecordingFile.readAllEvents(file));
        } finally {
            Files.delete(file);
        }
    }

    private String threadsText(Map<Long, Long> cpuAfter) {
        Map<String, Long> byName = new HashMap<>();
        cpuAfter.forEach(
                (id, nanos) -> {
                    var thread = threads.getThreadInfo(id);
                    if (thread != null) {
                        byName.merge(
                                thread.getThreadName(),
                                nanos - cpuBefore.getOrDefault(id, 0L),
                                Long::sum);
                    }
                });
        return table("CPU by thread (ms)", byName, 1_000_000, 12);
    }

    private static String samplesText(List<RecordedEvent> events) {
        Map<String, Long> byModule = new HashMap<>();
        Map<String, Long> byTop = new HashMap<>();
        Map<String, Long> byOwner = new HashMap<>();
        for (RecordedEvent event : events) {
            if (!event.getEventType().getName().equals("jdk.ExecutionSample")
                    || event.getStackTrace() == null) {
                continue;
            }
            List<RecordedFrame> frames = event.getStackTrace().getFrames();
            byTop.merge(method(frames.get(0)), 1L, Long::sum);
            String module = "other";
            String owner = "other";
            for (RecordedFrame frame : frames) {
                String found = module(frame);
                if (found != null) {
                    module = found;
                    owner = method(frame);
                    break;
                }
            }
            byModule.merge(module, 1L, Long::sum);
            byOwner.merge(owner, 1L, Long::sum);
        }
        return table("Java samples by module", byModule, 1, METHODS)
                + table("Java samples by innermost method of a module", byOwner, 1, METHODS)
                + table("Java samples by top frame", byTop, 1, METHODS);
    }

    private static String module(RecordedFrame frame) {
        String type = frame.getMethod().getType().getName();
        for (Map.Entry<String, String> module : MODULES.entrySet()) {
            if (type.startsWith(module.getKey())) {
                return module.getValue();
            }
        }
        return null;
    }

    private static String method(RecordedFrame frame) {
        return frame.getMethod().getType().getName() + "." + frame.getMethod().getName();
    }

    private static String table(String title, Map<String, Long> counts, long unit, int rows) {
        double sum = counts.values().stream().mapToLong(Long::longValue).sum();
        StringBuilder text = new StringBuilder();
        text.append(String.format(Locale.ROOT, "%s, %.0f in all%n", title, sum / unit));
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed())
                .limit(rows)
                .forEach(
                        count ->
                                text.append(
                                        String.format(
                                                Locale.ROOT,
                                                "  %5.1f %%  %6d  %s%n",
                                                100 * count.getValue() / sum,
                                                count.getValue() / unit,
                                                count.getKey())));
        return text.toString();
    }
}
