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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Starts Flink's main classes as processes, as Flink's scripts do. */
final class FlinkProcesses {

    private static final long ANSWER_SECONDS = 90;

    /** What the scripts ask for the memory options of a process. */
    private static final String MEMORY_TOOL = "org.apache.flink.runtime.util.bash.BashJavaUtils";

    private static final String MEMORY_PREFIX = "BASH_JAVA_UTILS_EXEC_RESULT:";

    private final FlinkHome home;
    private final FlinkConfiguration configuration;
    private final Path logs;
    private final Map<String, String> environment;

    /** Starts the processes of one cluster. */
    FlinkProcesses(
            FlinkHome home,
            FlinkConfiguration configuration,
            Path logs,
            Map<String, String> environment) {
        this.home = home;
        this.configuration = configuration;
        this.logs = logs;
        this.environment = environment;
    }

    /** Flink's own answer: options of the JVM, then options of the process. */
    List<String> memory(String question) {
        List<String> arguments = new ArrayList<>();
        arguments.addAll(List.of("-Xmx64m", "-XX:TieredStopAtLevel=1", "-cp", home.classPath()));
        arguments.addAll(List.of(MEMORY_TOOL, question));
        arguments.addAll(List.of("--configDir", configuration.folder().toString()));
        try (ChildProcess tool = ChildProcess.start(question, logs, arguments, environment)) {
            int code = tool.waitFor(ANSWER_SECONDS);
            List<String> answers =
                    tool.output()
                            .lines()
                            .filter(line -> line.startsWith(MEMORY_PREFIX))
                            .map(line -> line.substring(MEMORY_PREFIX.length()))
                            .toList();
            if (code != 0 || answers.size() != 2) {
                throw new IllegalStateException(question + " failed: " + tool.output());
            }
            return answers;
        }
    }

    /**
     * Starts a process of Flink.
     *
     * @param name of its logs
     * @param memory options of the JVM, then options of the process, see {@link #memory}
     */
    ChildProcess start(String name, List<String> memory, String mainClass, String... arguments) {
        List<String> command = new ArrayList<>(words(memory.get(0)));
        command.addAll(flags());
        // For processes that live for minutes and share few processors.
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        command.addAll(logging(name));
        command.addAll(List.of("-cp", home.classPath(), mainClass));
        command.addAll(List.of(arguments));
        command.addAll(words(memory.get(1)));
        return ChildProcess.start(name, logs, command, environment);
    }

    /** Options of the JVM to log into a file of that name. */
    List<String> logging(String name) {
        return List.of(
                "-Dlog.file=" + logs.resolve(name + ".log"),
                "-Dlog4j.configurationFile=" + configuration.logging().toUri());
    }

    /** What Flink needs on JDK 17; the build has them in one place and tells by this property. */
    static List<String> flags() {
        return words(System.getProperty("v3io.flink.jvm.args", ""));
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("\\s+", -1)).filter(word -> !word.isEmpty()).toList();
    }
}
