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
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Tells whoever watches the build which test runs, as a class may take minutes: each test when it
 * begins, and again every minute for as long as it goes on. Every test class is told of, without
 * asking for it.
 *
 * <p>What a test prints goes to files, so this writes to the process's own output, which Maven
 * shows. It does so only where Maven talks to the tests' process in another way: see the plugins'
 * {@code forkNode}.
 */
public final class BuildProgress
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final Duration INTERVAL = Duration.ofMinutes(1);

    private static final PrintStream OUTPUT =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);

    private static final ScheduledExecutorService TIMER =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        Thread thread = new Thread(task, "build-progress");
                        thread.setDaemon(true);
                        return thread;
                    });

    private ScheduledFuture<?> reminder;

    @Override
    public void beforeAll(ExtensionContext context) {
        watch(context.getRequiredTestClass().getSimpleName() + " is getting ready");
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        String name =
                context.getRequiredTestClass().getSimpleName() + ": " + context.getDisplayName();
        OUTPUT.println(name);
        watch(name);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        watch(context.getRequiredTestClass().getSimpleName() + " is between two tests");
    }

    @Override
    public void afterAll(ExtensionContext context) {
        stop();
    }

    private synchronized void watch(String what) {
        stop();
        long startNanos = System.nanoTime();
        reminder =
                TIMER.scheduleAtFixedRate(
                        () ->
                                OUTPUT.println(
                                        what
                                                + ", for "
                                                + TimeUnit.NANOSECONDS.toMinutes(
                                                        System.nanoTime() - startNanos)
                                                + " min now"),
                        INTERVAL.toMinutes(),
                        INTERVAL.toMinutes(),
                        TimeUnit.MINUTES);
    }

    private synchronized void stop() {
        if (reminder != null) {
            reminder.cancel(false);
            reminder = null;
        }
    }
}
