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

package io.v3io.flink.testing;

import io.v3io.emulator.V3ioEmulatorBuilder;

import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

import javax.annotation.Nullable;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.UnaryOperator;

/**
 * What a test class runs on: emulators, and a Flink cluster within this JVM if it wants one. It is
 * registered in a static field. The cluster is there for all tests of the class; emulators are
 * started by the tests and closed after them. {@link io.v3io.testing.NothingIsLeft}, which every
 * class but those of e2e is under, then looks for threads and sockets that were left.
 *
 * <pre>{@code
 * @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withCluster(1, 4);
 *
 * private final EmulatedStreams streams = PLATFORM.start();
 * }</pre>
 *
 * <p>Used by one thread.
 */
public final class TestPlatform
        implements BeforeAllCallback,
                BeforeEachCallback,
                AfterEachCallback,
                AfterAllCallback,
                ParameterResolver {

    @Nullable private final MiniClusterExtension cluster;
    private final Deque<EmulatedStreams> ofTest = new ArrayDeque<>();
    private final Deque<EmulatedStreams> ofClass = new ArrayDeque<>();

    private TestPlatform(@Nullable MiniClusterExtension cluster) {
        this.cluster = cluster;
    }

    /** Emulators, and no cluster of Flink. */
    public static TestPlatform withoutCluster() {
        return new TestPlatform(null);
    }

    /** A cluster of so many task managers with so many slots each. */
    public static TestPlatform withCluster(int taskManagers, int slotsOfEach) {
        return withCluster(taskManagers, slotsOfEach, new Configuration());
    }

    /** A cluster of so many task managers with so many slots each, and this configuration. */
    public static TestPlatform withCluster(
            int taskManagers, int slotsOfEach, Configuration configuration) {
        CollectPorts.leaveOut();
        return new TestPlatform(
                new MiniClusterExtension(
                        new MiniClusterResourceConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumberTaskManagers(taskManagers)
                                .setNumberSlotsPerTaskManager(slotsOfEach)
                                .build()));
    }

    /** An emulator for this test, closed after it unless it is closed before. */
    public EmulatedStreams start() {
        return start(settings -> settings);
    }

    /**
     * An emulator with these settings for this test, closed after it unless it is closed before.
     */
    public EmulatedStreams start(UnaryOperator<V3ioEmulatorBuilder> settings) {
        return opened(ofTest, settings);
    }

    /** An emulator for all tests of the class. */
    public EmulatedStreams startForAll(UnaryOperator<V3ioEmulatorBuilder> settings) {
        return opened(ofClass, settings);
    }

    private static EmulatedStreams opened(
            Deque<EmulatedStreams> owner, UnaryOperator<V3ioEmulatorBuilder> settings) {
        EmulatedStreams streams = EmulatedStreams.start(settings);
        owner.push(streams);
        return streams;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        if (cluster != null && isOutermost(context)) {
            cluster.beforeAll(context);
        }
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        if (cluster != null) {
            cluster.beforeEach(context);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        try {
            if (cluster != null) {
                cluster.afterEach(context);
            }
        } finally {
            close(ofTest);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (!isOutermost(context)) {
            return;
        }
        try {
            if (cluster != null) {
                cluster.afterAll(context);
            }
        } finally {
            // A test whose instance could not be made ends without "after each".
            close(ofTest);
            close(ofClass);
        }
    }

    private static boolean isOutermost(ExtensionContext context) {
        return context.getRequiredTestClass().getEnclosingClass() == null;
    }

    private static void close(Deque<EmulatedStreams> owned) {
        while (!owned.isEmpty()) {
            owned.pop().close();
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return cluster != null && cluster.supportsParameter(parameter, context);
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        if (cluster == null) {
            throw new IllegalStateException("This platform has no cluster.");
        }
        return cluster.resolveParameter(parameter, context);
    }
}
