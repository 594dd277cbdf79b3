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

package io.v3io.flink.kafka.testing;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A Kafka broker with its own controller, in a process of its own. It has rules about who may do
 * what: on its first address anybody may do all, on its second one the user {@value #USER} may do
 * what was granted.
 */
public final class KafkaBroker implements AutoCloseable {

    /** A user without any right of its own. */
    public static final String USER = "limited";

    /** The password of that user. */
    public static final String PASSWORD = "a-password-of-the-tests";

    private static final Duration START = Duration.ofMinutes(2);
    private static final long END_SECONDS = 20;

    private final Path folder;
    private final String address;
    private final String limitedAddress;
    private Process process;

    private KafkaBroker(Path folder, String address, String limitedAddress, Process process) {
        this.folder = folder;
        this.address = address;
        this.limitedAddress = limitedAddress;
        this.process = process;
        Runtime.getRuntime().addShutdownHook(new Thread(this::kill, "end-of-broker"));
    }

    /**
     * Starts a broker.
     *
     * @param folder keeps what it is told
     */
    public static KafkaBroker start(Path folder) throws IOException, InterruptedException {
        return start(folder, freePort());
    }

    /** Starts a broker whose first address has this port. */
    public static KafkaBroker start(Path folder, int port)
            throws IOException, InterruptedException {
        String address = "127.0.0.1:" + port;
        String limited = "127.0.0.1:" + freePort();
        String controller = "127.0.0.1:" + freePort();
        Path settings = folder.resolve("server.properties");
        Files.writeString(settings, settings(folder, address, limited, controller));
        if (!Files.exists(folder.resolve("logs"))) {
            Process format =
                    java(
                            folder,
                            "kafka.tools.StorageTool",
                            "format",
                            "-t",
                            Uuid.randomUuid().toString(),
                            "-c",
                            settings.toString());
            if (format.waitFor() != 0) {
                throw new IOException("The broker's folder could not be formatted: " + log(folder));
            }
        }
        KafkaBroker broker = new KafkaBroker(folder, address, limited, launch(folder));
        broker.awaitReady();
        return broker;
    }

    private static String settings(Path folder, String address, String limited, String controller) {
        return String.join(
                "\n",
                "process.roles=broker,controller",
                "node.id=1",
                "controller.quorum.voters=1@" + controller,
                "listeners=PLAINTEXT://"
                        + address
                        + ",LIMITED://"
                        + limited
                        + ",CONTROLLER://"
                        + controller,
                "advertised.listeners=PLAINTEXT://" + address + ",LIMITED://" + limited,
                "controller.listener.names=CONTROLLER",
                "listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,LIMITED:SASL_PLAINTEXT",
                "sasl.enabled.mechanisms=PLAIN",
                "listener.name.limited.plain.sasl.jaas.config="
                        + "org.apache.kafka.common.security.plain.PlainLoginModule required user_"
                        + USER
                        + "=\""
                        + PASSWORD
                        + "\";",
                "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                "super.users=User:ANONYMOUS",
                "offsets.topic.replication.factor=1",
                "offsets.topic.num.partitions=4",
                "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1",
                "transaction.state.log.num.partitions=4",
                "share.coordinator.state.topic.replication.factor=1",
                "share.coordinator.state.topic.min.isr=1",
                "group.initial.rebalance.delay.ms=0",
                "auto.create.topics.enable=false",
                "log.dirs=" + folder.resolve("logs"),
                "");
    }

    private static Process launch(Path folder) throws IOException {
        return java(
                folder,
                BrokerProcess.class.getName(),
                folder.resolve("server.properties").toString());
    }

    private static Process java(Path folder, String main, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path"), main));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(folder.resolve("broker.log").toFile()))
                .start();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitReady() {
        Awaitility.await("the broker answers")
                .atMost(START)
                .pollDelay(Duration.ZERO)
                .failFast("the broker has ended; see its log", () -> !process.isAlive())
                .until(this::isReady);
    }

    private boolean isReady() throws InterruptedException {
        // Kafka's client would warn of each attempt.
        if (!isListening()) {
            return false;
        }
        try (Admin admin =
                Admin.create(
                        Map.of(
                                "bootstrap.servers",
                                address,
                                "default.api.timeout.ms",
                                "3000",
                                "request.timeout.ms",
                                "3000"))) {
            return !admin.describeCluster().nodes().get().isEmpty();
        } catch (ExecutionException | KafkaException e) {
            // Not yet; whoever waits gives up after a while.
            return false;
        }
    }

    private boolean isListening() {
        int colon = address.lastIndexOf(':');
        String host = address.substring(0, colon);
        int port = Integer.parseInt(address.substring(colon + 1));
        try (Socket socket = new Socket(host, port)) {
            return socket.isConnected();
        } catch (IOException e) {
            // Not yet.
            return false;
        }
    }

    /** Where anybody may do all. */
    public String address() {
        return address;
    }

    /** Where {@link #USER} may do what was granted. */
    public String limitedAddress() {
        return limitedAddress;
    }

    /** An admin client that may do all; to be closed. */
    public Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address));
    }

    /** Ends it as {@code kill -9} does; what it has acknowledged stays. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Lets it hang, as in an endless garbage collection; {@link #resume} lets it go on. */
    public void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /** Lets it go on after {@link #pause}. */
    public void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        Process sender =
                new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid()))
                        .inheritIO()
                        .start();
        if (sender.waitFor() != 0) {
            throw new IOException("The broker cannot be sent SIG" + signal + ".");
        }
    }

    /** Starts it again at the same addresses, after {@link #kill}. */
    public void restart() throws IOException {
        process = launch(folder);
        awaitReady();
    }

    private static String log(Path folder) {
        try {
            String log = Files.readString(folder.resolve("broker.log"));
            return log.substring(Math.max(0, log.length() - 4_000));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
