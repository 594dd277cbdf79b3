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
import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.OperatingSystemMXBean;
import org.apache.hc.core5.util.VersionInfo;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What the figures were measured on. */
public final class Machine {

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
                        "CPU features: UseAVX %s; the JDK's base64 has vector instructions: %s",
                        option("UseAVX").orElse("unknown"),
                        option("UseBASE64Intrinsics").orElse("unknown")),
                String.format(
                        "Flink %s, HttpClient core %s, Jackson %s",
                        EnvironmentInformation.getVersion(),
                        VersionInfo.loadVersionInfo(
                                        "org.apache.hc.core5", Machine.class.getClassLoader())
                                .getRelease(),
                        PackageVersion.VERSION));
    }

    /** Whether the JVM can be told to use AVX2 and nothing newer. */
    public static boolean hasAvx2() {
        return option("UseAVX").map(Integer::valueOf).orElse(0) >= 2;
    }

    /** What the JVM has made of an option on this machine; empty if it has none of that name. */
    private static Optional<String> option(String name) {
        try {
            return Optional.of(
                    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                            .getVMOption(name)
                            .getValue());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static long memoryBytes() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
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
