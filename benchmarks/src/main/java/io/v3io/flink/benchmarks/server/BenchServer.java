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

package io.v3io.flink.benchmarks.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;

/**
 * Serves answers made beforehand, on the loopback address and a free port. One thread accepts
 * connections and hands them to the workers in turn.
 */
public final class BenchServer implements AutoCloseable {

    /** What the process prints when it is ready, before its endpoint. */
    static final String READY = "Canned server listening on ";

    private static final int BACKLOG = 1_024;

    private final ServerSocketChannel listener;
    private final List<Worker> workers = new ArrayList<>();
    private final StoredObjects objects = new StoredObjects();
    private final Thread acceptor;

    private BenchServer(ServerSettings settings) throws IOException {
        this.listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
        PutStatistics statistics = new PutStatistics();
        for (int i = 0; i < settings.workers(); i++) {
            workers.add(new Worker(settings, statistics, objects, i));
        }
        this.acceptor = new Thread(this::accept, "canned-acceptor");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    public static BenchServer start(ServerSettings settings) throws IOException {
        return new BenchServer(settings);
    }

    /** A process, which ends with its standard input: so it never outlives who has started it. */
    public static void main(String[] args) throws IOException {
        BenchServer server = start(ServerSettings.ofArguments(args));
        Runtime.getRuntime().addShutdownHook(new Thread(server::end));
        System.out.println(READY + "http://127.0.0.1:" + server.port());
        byte[] unused = System.in.readAllBytes();
    }

    private void end() {
        try {
            close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listener.socket().getLocalPort();
    }

    private void accept() {
        try {
            for (int next = 0; ; next = (next + 1) % workers.size()) {
                SocketChannel channel = listener.accept();
                workers.get(next).adopt(channel);
            }
        } catch (ClosedChannelException e) {
            // As wanted: the server is being closed.
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new IllegalStateException("No connection can be accepted any more.", e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Worker worker : workers) {
            worker.close();
        }
        try {
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
