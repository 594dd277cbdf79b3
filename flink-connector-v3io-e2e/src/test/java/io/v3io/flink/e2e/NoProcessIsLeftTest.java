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

package io.v3io.flink.e2e;

import io.v3io.flink.e2e.cluster.ChildProcess;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.io.IOException;
import java.time.Duration;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What is found of the processes of a test class, and that it is looked for. */
class NoProcessIsLeftTest {

    private static final Duration SOON = Duration.ofMillis(300);
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Set<ProcessHandle> before = ChildProcess.descendants();

    private boolean isWatched;

    @RegisterExtension
    private final BeforeEachCallback look =
            context ->
                    isWatched =
                            context.getStore(NoProcessIsLeft.NAMESPACE)
                                            .get(NoProcessIsLeft.Started.class)
                                    != null;

    @Test
    void testClassesAreWatchedWithoutAskingForIt() {
        assertThat(isWatched).isTrue();
    }

    @Test
    void aProcessThatIsLeftIsNamed() throws IOException {
        Process process = new ProcessBuilder("sleep", "600").start();
        try {
            assertThatThrownBy(() -> NoProcessIsLeft.awaitNone("SomeTest", before, SOON))
                    .hasMessageContaining("SomeTest has ended the processes that it started")
                    .hasMessageContaining(process.pid() + ": ")
                    .hasMessageContaining("sleep 600");
        } finally {
            process.destroyForcibly();
        }

        NoProcessIsLeft.awaitNone("SomeTest", before, LONG);
    }

    @Test
    void whatAProcessHasStartedIsSeenToo() throws IOException {
        Process process = new ProcessBuilder("sh", "-c", "sleep 600; true").start();
        try {
            await("its child").atMost(LONG).until(() -> process.children().count() == 1);
            ProcessHandle child = process.children().findFirst().orElseThrow();

            assertThatThrownBy(() -> NoProcessIsLeft.awaitNone("SomeTest", before, SOON))
                    .hasMessageContaining(child.pid() + ": ");
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @Test
    void whatRanBeforeIsNobodysFault() throws IOException {
        Process process = new ProcessBuilder("sleep", "600").start();
        try {
            await("it runs")
                    .atMost(LONG)
                    .until(() -> ChildProcess.descendants().contains(process.toHandle()));

            NoProcessIsLeft.awaitNone("SomeTest", ChildProcess.descendants(), SOON);
        } finally {
            process.destroyForcibly();
        }
    }
}
