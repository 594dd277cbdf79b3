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

import org.apache.flink.configuration.MemorySize;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The memory of a Flink process that reads: {@code ENDPOINT SUBTASKS RECORDS BUFFER}. Prints the
 * megabytes of live objects on the heap while the job runs, after so many records, and those that
 * the process has had at most in all; 0 if the machine does not tell.
 */
final class WideJobProcess {

    static final String MEMORY = "megabytes: ";

    private static final String STREAM = "bench/source";
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String PEAK = "VmHWM:";

    private WideJobProcess() {}

    public static void main(String[] args) throws Exception {
        try (WideJob job =
                WideJob.start(
                        args[0], STREAM, Integer.parseInt(args[1]), MemorySize.parse(args[3]))) {
            job.awaitRecords(Long.parseLong(args[2]));
            ManagementFactory.getMemoryMXBean().gc();
            long live = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            System.out.printf(Locale.ROOT, "%s%.1f %.1f%n", MEMORY, live / 1e6, peakMegabytes());
        }
        // Not by itself: a Flink that ran here may have left a thread.
        System.exit(0);
    }

    private static double peakMegabytes() throws IOException {
        if (!Files.exists(STATUS)) {
            return 0;
        }
        try (var lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(PEAK))
                    .mapToDouble(
                            line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) * 1_024 / 1e6)
                    .findFirst()
                    .orElse(0);
        }
    }
}
