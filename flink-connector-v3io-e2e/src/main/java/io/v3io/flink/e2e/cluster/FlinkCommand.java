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

package io.v3io.flink.e2e.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * {@code flink run}, for programs that the REST API of a cluster cannot run: those with several
 * jobs, or that read results.
 */
public final class FlinkCommand {

    private static final String MAIN_CLASS = "org.apache.flink.client.cli.CliFrontend";

    private FlinkCommand() {}

    /**
     * Runs the main class of a jar until it ends.
     *
     * @param name of the log
     * @return what it has printed
     * @throws IllegalStateException if it fails or takes longer; it is ended then
     */
    public static String run(
            FlinkCluster cluster, String name, Path jar, Duration atMost, String... arguments) {
        return run(cluster, name, List.of(), jar, atMost, arguments);
    }

    /** As {@link #run}; the main class does not wait for the jobs that it starts. */
    public static String runDetached(
            FlinkCluster cluster, String name, Path jar, Duration atMost, String... arguments) {
        return run(cluster, name, List.of("--detached"), jar, atMost, arguments);
    }

    private static String run(
            FlinkCluster cluster,
            String name,
            List<String> options,
            Path jar,
            Duration atMost,
            String... arguments) {
        List<String> command = new ArrayList<>(FlinkProcesses.flags());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(cluster.processes().logging(name));
        command.addAll(List.of("-cp", cluster.home().classPath(), MAIN_CLASS, "run"));
        command.addAll(options);
        command.add(jar.toAbsolutePath().toString());
        command.addAll(List.of(arguments));
        Map<String, String> environment = new TreeMap<>(cluster.environment());
        environment.put("FLINK_CONF_DIR", cluster.directory().resolve("conf").toString());
        try (ChildProcess process =
                ChildProcess.start(name, cluster.logs(), command, environment)) {
            int code = process.waitFor(atMost.toSeconds());
            if (code != 0) {
                throw new IllegalStateException(
                        name + " has ended with " + code + ": " + process.endOfOutput());
            }
            return process.output();
        }
    }
}
