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
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/** Serves many connections on a thread of its own, to which all that it has is confined. */
final class Worker implements AutoCloseable {

    private static final int SCRATCH_BYTES = 1024 * 1024;

    private final ServerSettings settings;
    private final PutStatistics statistics;
    private final StoredObjects objects;
    private final Selector selector;
    private final Thread thread;
    private final Queue<SocketChannel> adopted = new ConcurrentLinkedQueue<>();

    /** Request bodies that nobody looks at go here. */
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(SCRATCH_BYTES);

    private final Map<Integer, Answers> answersBySize = new HashMap<>();
    private final PriorityQueue<Connection> delayed =
            new PriorityQueue<>((a, b) -> Long.signum(a.dueNanos() - b.dueNanos()));
    private volatile boolean closed;

    Worker(ServerSettings settings, PutStatistics statistics, StoredObjects objects, int index)
            throws IOException {
        this.settings = settings;
        this.objects = objects;
        this.statistics = statistics;
        this.selector = Selector.open();
        this.thread = new Thread(this::run, "canned-worker-" + index);
        thread.setDaemon(true);
        thread.start();
    }

    /** Answers of one size: what they consist of, and buffers that are free. */
    static final class Answers {

        private final GetRecordsAnswer answer;
        private final Queue<ByteBuffer> free = new ArrayDeque<>();

        private Answers(GetRecordsAnswer answer) {
            this.answer = answer;
        }

        ByteBuffer from(long location) {
            ByteBuffer buffer = free.poll();
            if (buffer == null) {
                buffer = answer.newBuffer();
            }
            answer.fill(buffer, location);
            return buffer;
        }

        void giveBack(ByteBuffer buffer) {
            free.add(buffer);
        }
    }

    /** Called by the acceptor's thread. */
    void adopt(SocketChannel channel) {
        adopted.add(channel);
        selector.wakeup();
    }

    ServerSettings settings() {
        return settings;
    }

    PutStatistics statistics() {
        return statistics;
    }

    StoredObjects objects() {
        return objects;
    }

    ByteBuffer scratch() {
        return scratch;
    }

    Answers answers(int limit) {
        return answersBySize.computeIfAbsent(
                Math.min(limit, settings.recordsPerAnswer()),
                records ->
                        new Answers(
                                new GetRecordsAnswer(
                                        records, settings.recordBytes(), settings.tagged())));
    }

    void delay(Connection connection) {
        delayed.add(connection);
    }

    private void run() {
        try {
            while (!closed) {
                selector.select(this::serve, millisUntilDue());
                register();
                for (Connection due = delayed.peek();
                        due != null && due.dueNanos() <= System.nanoTime();
                        due = delayed.peek()) {
                    delayed.remove();
                    due.answerNow();
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("A worker has ended.", e);
        }
    }

    /** 0 means without an end. */
    private long millisUntilDue() {
        Connection first = delayed.peek();
        if (first == null) {
            return 0;
        }
        long nanos = first.dueNanos() - System.nanoTime();
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos + 999_999));
    }

    private void register() throws IOException {
        for (SocketChannel channel = adopted.poll(); channel != null; channel = adopted.poll()) {
            channel.configureBlocking(false);
            channel.socket().setTcpNoDelay(true);
            SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
            key.attach(new Connection(this, channel, key));
        }
    }

    private void serve(SelectionKey key) {
        ((Connection) key.attachment()).serve();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        selector.wakeup();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }
}
