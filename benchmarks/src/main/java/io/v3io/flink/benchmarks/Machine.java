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

package io.v3io.flink.benchmarks;

import org.apache.flink.runtime.util.EnvironmentInformation;

import com.fasterxml.jackson.core.json.PackageVersion;
import org.apache.hc.core5.util.VersionInfo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What the figures were measured on. */
final class Machine {

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");

    private Machine() {}

    static List<String> lines() throws IOException {
        return List.of(
                String.format(
                        "machine: %d x %s, %d GB, %s %s",
                        Runtime.getRuntime().availableProcessors(),
                        processor(),
                        Math.round(memoryBytes() / 1e9),
                        System.getProperty("os.name"),
                        System.getProperty("os.version")),
                String.format(
                        "JDK: %s, %s",
                        System.getProperty("java.vm.version"), System.getProperty("java.vm.name")),
                String.format(
                        "Flink %s, HttpClient core %s, Jackson %s",
                        EnvironmentInformation.getVersion(),
                        VersionInfo.loadVersionInfo(
                                        "org.apache.hc.core5", Machine.class.getClassLoader())
                                .getRelease(),
                        PackageVersion.VERSION));
    }

    private static long memoryBytes() {
        return ((com.sun.management.OperatingSystemMXBean)
                        java.lang.management.ManagementFactory.getOperatingSystemMXBean())
                .getTotalMemorySize();
    }

    private static String processor() throws IOException {
        if (!Files.exists(CPU_INFO)) {
            return System.getProperty("os.arch");
        }
        try (var lines = Files.lines(CPU_INFO)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 2))
                    .orElse(System.getProperty("os.arch"));
        }
    }
}
