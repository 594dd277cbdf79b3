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

package io.v3io.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Tells whoever watches the build which test it is that goes on for long: when it has run for ten
 * seconds, and again every minute after that. Every test class is watched without asking for it,
 * also while it gets ready and while it cleans up.
 *
 * <p>What a test prints goes to files, so this writes to the process's own output, which Maven
 * shows. Maven therefore talks to the tests' process in another way: see the plugins' {@code
 * forkNode}.
 */
public final class BuildProgress
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private static final PrintStream OUTPUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private ScheduledFuture<?> reminder;

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer =
                new ScheduledThreadPoolExecutor(
                        1,
                        task -> {
                            Thread thread = new Thread(task, "build-progress");
                            thread.setDaemon(true);
                            return thread;
                        });
        // Most tests end long before their reminder, and there are thousands of them.
        timer.setRemoveOnCancelPolicy(true);
        return timer;
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        watch(context.getRequiredTestClass().getSimpleName() + " is getting ready");
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        watch(context.getRequiredTestClass().getSimpleName() + ": " + context.getDisplayName());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        watch(context.getRequiredTestClass().getSimpleName() + " is between two tests");
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (NothingIsLeft.isOutermost(context)) {
            stop();
        }
    }

    private synchronized void watch(String what) {
        stop();
        long startNanos = System.nanoTime();
        reminder =
                TIMER.scheduleAtFixedRate(
                        () -> OUTPUT.println(what + ", for " + secondsSince(startNanos) + " s now"),
                        FIRST.toSeconds(),
                        INTERVAL.toSeconds(),
                        TimeUnit.SECONDS);
    }

    private static long secondsSince(long startNanos) {
        return TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
    }

    private synchronized void stop() {
        if (reminder != null) {
            reminder.cancel(false);
            reminder = null;
        }
    }
}
