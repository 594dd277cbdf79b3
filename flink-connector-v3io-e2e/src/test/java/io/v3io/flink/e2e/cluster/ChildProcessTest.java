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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.BufferedReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Processes end when they are told to, and with the JVM that started them, however that ends. */
@Timeout(60)
class ChildProcessTest {

    @TempDir private Path directory;

    @Test
    void aProcessThatIsKilledIsGone() {
        try (ChildProcess process = start(directory)) {
            assertThat(survives(process.pid())).isTrue();

            process.kill();

            assertThat(process.isAlive()).isFalse();
            assertThat(survives(process.pid())).isFalse();
        }
    }

    @Test
    void aProcessThatIsPausedCanBeKilled() {
        try (ChildProcess process = start(directory)) {
            process.pause();

            process.kill();

            assertThat(process.isAlive()).isFalse();
        }
    }

    @Test
    void aProgramsOutputAndErrorsAreKeptApart() {
        try (ChildProcess process =
                ChildProcess.startProgram(
                        "program",
                        directory,
                        List.of("sh", "-c", "cat; echo wrong >&2; exit 3"),
                        Map.of(),
                        "right\n")) {
            assertThat(process.waitFor(30)).isEqualTo(3);

            assertThat(process.output()).isEqualTo("right\n");
            assertThat(process.endOfOutput()).contains("right").contains("wrong");
        }
    }

    @Test
    void aProcessEndsWithAJvmThatHasNoTimeToEndIt() throws Exception {
        Process parent =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Halting.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader output = parent.inputReader()) {
            long child = Long.parseLong(output.readLine());
            assertThat(parent.waitFor()).isEqualTo(Halting.CODE);

            await("the child has ended")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> !isRunning(child));
        } finally {
            parent.destroyForcibly();
        }
    }

    private static boolean survives(long pid) {
        return ChildProcess.descendants().stream().anyMatch(process -> process.pid() == pid);
    }

    /** One that has ended stays known until somebody asks how, but has no command line any more. */
    private static boolean isRunning(long pid) {
        return ProcessHandle.of(pid).flatMap(process -> process.info().commandLine()).isPresent();
    }

    /**
     * One that certainly runs, and does not end by itself. Its command line is as long as those
     * with all jars of Flink, of which Java tells less.
     */
    private static ChildProcess start(Path directory) {
        ChildProcess process =
                ChildProcess.start(
                        "waiting",
                        directory,
                        List.of(
                                "-Dlength=" + "x".repeat(5_000),
                                "-cp",
                                System.getProperty("java.class.path"),
                                Waiting.class.getName()),
                        Map.of());
        // Also where no test runs, with the limit of its own.
        await("it runs")
                .atMost(Duration.ofSeconds(30))
                .until(() -> process.output().contains(Waiting.READY));
        return process;
    }

    /** Starts a process and is gone, without shutdown hooks, as after a {@code kill -9}. */
    static final class Halting {

        static final int CODE = 3;

        private Halting() {}

        public static void main(String[] args) {
            System.out.println(start(Path.of(args[0])).pid());
            System.out.flush();
            Runtime.getRuntime().halt(CODE);
        }
    }

    /** Does nothing for ever. */
    static final class Waiting {

        static final String READY = "waiting for ever";

        private Waiting() {}

        public static void main(String[] args) throws InterruptedException {
            System.out.println(READY);
            new CountDownLatch(1).await();
        }
    }
}
