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

import org.awaitility.Awaitility;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Every test class, without asking for it, must have closed what it opened: no thread of a client,
 * an emulator or a source runs, and no socket is open, that was not there before it. What is
 * closing has time to do so. Sockets are seen where the system shows them, in {@code /proc}.
 */
public final class NothingIsLeft implements BeforeAllCallback, AfterAllCallback {

    /** How threads begin that run our client, emulator, reader and enumerator. */
    private static final List<String> THREADS =
            List.of("v3io-", "Source Data Fetcher", "SourceCoordinator");

    private static final Namespace NAMESPACE = Namespace.create(NothingIsLeft.class);
    private static final Path OPEN_FILES = Path.of("/proc/self/fd");

    /** Those of TCP: the fuzzer's agent keeps one of another kind. */
    private static final List<Path> CONNECTIONS =
            List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));

    private static final int LOCAL_ADDRESS = 1;
    private static final int REMOTE_ADDRESS = 2;
    private static final int INODE = 9;

    /** Where neither a client of ours connects to nor an emulator listens. */
    private static final Set<Integer> PORTS_OF_OTHERS = ConcurrentHashMap.newKeySet();

    private static final Duration TIME_TO_CLOSE = Duration.ofSeconds(30);

    /**
     * For the rest of the test class, connections of this port are not looked at: somebody else,
     * who may leave one open, has just begun to listen on it.
     */
    public static void leaveOut(int port) {
        PORTS_OF_OTHERS.add(port);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        if (isOutermost(context)) {
            PORTS_OF_OTHERS.clear();
            // The JDK keeps a socket of its own from the first one that is closed.
            SocketChannel.open().close();
            new Socket().close();
            new ServerSocket(0).close();
            context.getStore(NAMESPACE).put(Opened.class, new Opened(threads(), sockets()));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        Opened before = context.getStore(NAMESPACE).remove(Opened.class, Opened.class);
        if (before == null) {
            return;
        }
        Awaitility.await(context.getDisplayName() + " has closed what it opened")
                .atMost(TIME_TO_CLOSE)
                .untilAsserted(
                        () -> {
                            assertThat(threads()).isSubsetOf(before.threads());
                            assertThat(sockets()).isSubsetOf(before.sockets());
                        });
    }

    private record Opened(Set<String> threads, Set<String> sockets) {}

    /** Whether it is a test class itself, and not one that is nested in another. */
    public static boolean isOutermost(ExtensionContext context) {
        return context.getRequiredTestClass().getEnclosingClass() == null;
    }

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> THREADS.stream().anyMatch(name::startsWith))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> sockets() {
        Set<String> sockets = new TreeSet<>();
        if (!Files.isDirectory(OPEN_FILES)) {
            return sockets;
        }
        try (Stream<Path> files = Files.list(OPEN_FILES)) {
            files.forEach(
                    file -> {
                        try {
                            String target = Files.readSymbolicLink(file).toString();
                            if (target.startsWith("socket:")) {
                                sockets.add(target);
                            }
                        } catch (IOException e) {
                            // Closed since it was listed, which is what is wanted.
                        }
                    });
        } catch (IOException e) {
            throw new AssertionError("The open files of this process cannot be listed.", e);
        }
        sockets.retainAll(connections());
        return sockets;
    }

    /** The sockets of the machine that have an address and may be ours, as open files. */
    private static Set<String> connections() {
        Set<String> connections = new TreeSet<>();
        for (Path table : CONNECTIONS) {
            try {
                Files.readAllLines(table).stream()
                        .skip(1)
                        .map(line -> line.strip().split("\\s+", -1))
                        .filter(fields -> !isOfOthers(fields))
                        .forEach(fields -> connections.add("socket:[" + fields[INODE] + "]"));
            } catch (NoSuchFileException e) {
                // A machine without IPv6.
            } catch (IOException e) {
                throw new AssertionError(table + " cannot be read.", e);
            }
        }
        return connections;
    }

    private static boolean isOfOthers(String[] fields) {
        return PORTS_OF_OTHERS.contains(port(fields[LOCAL_ADDRESS]))
                || PORTS_OF_OTHERS.contains(port(fields[REMOTE_ADDRESS]));
    }

    /** The system writes an address as hexadecimal digits, a colon, and the port as such digits. */
    private static int port(String address) {
        return Integer.parseInt(address.substring(address.indexOf(':') + 1), 16);
    }
}
