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
import io.v3io.testing.NothingIsLeft;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every test class, without asking for it, must have ended the processes that it started, and those
 * that they started: none runs that did not run before it. What is ending has time to do so.
 */
public final class NoProcessIsLeft implements BeforeAllCallback, AfterAllCallback {

    static final Namespace NAMESPACE = Namespace.create(NoProcessIsLeft.class);
    private static final Duration TIME_TO_END = Duration.ofSeconds(30);

    /** Command lines of JVMs are thousands of characters long, mostly class path. */
    private static final int SHOWN_CHARACTERS = 400;

    @Override
    public void beforeAll(ExtensionContext context) {
        if (NothingIsLeft.isOutermost(context)) {
            context.getStore(NAMESPACE).put(Started.class, new Started(ChildProcess.descendants()));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Started before = context.getStore(NAMESPACE).remove(Started.class, Started.class);
        if (before != null) {
            awaitNone(context.getDisplayName(), before.processes(), TIME_TO_END);
        }
    }

    /**
     * Waits until no process runs but some.
     *
     * @param who is blamed if one still does after the time to end
     */
    static void awaitNone(String who, Set<ProcessHandle> before, Duration timeToEnd) {
        Awaitility.await(who + " has ended the processes that it started")
                .atMost(timeToEnd)
                .untilAsserted(
                        () ->
                                assertThat(
                                                ChildProcess.descendants().stream()
                                                        .filter(
                                                                process ->
                                                                        !before.contains(process))
                                                        .flatMap(process -> shown(process).stream())
                                                        .toList())
                                        .as("processes that are left")
                                        .isEmpty());
    }

    /** Empty if it has ended since it was seen. */
    private static Optional<String> shown(ProcessHandle process) {
        return process.info()
                .commandLine()
                .map(
                        line ->
                                process.pid()
                                        + ": "
                                        + line.substring(
                                                0, Math.min(line.length(), SHOWN_CHARACTERS)));
    }

    /** What ran before a test class. */
    record Started(Set<ProcessHandle> processes) {}
}
