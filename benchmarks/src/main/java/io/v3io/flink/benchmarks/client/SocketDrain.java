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

package io.v3io.flink.benchmarks.client;

import io.v3io.client.model.Location;
import io.v3io.client.model.StreamPath;
import io.v3io.client.wire.ApiRequest;
import io.v3io.client.wire.ApiRequests;
import io.v3io.flink.benchmarks.server.GetRecordsAnswer;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blocking connections that ask for the same answer again and again and do not look at its bytes:
 * as fast as the server and the kernel are. They are dropped at once, or, as a client needs them,
 * read into one array for a whole answer, which is used again and again.
 */
final class SocketDrain implements AutoCloseable {

    private static final int BUFFER_BYTES = 1024 * 1024;
    private static final int MAX_HEAD_BYTES = 1024;

    /**
     * At once into an array, so that the JVM's own buffer for it stays in the processor's cache.
     */
    private static final int PIECE_BYTES = 128 * 1024;

    private static final int RECORDS = 1_000;
    private static final int RECORD_BYTES = 1_024;

    private final AtomicLong bytes = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final List<SocketChannel> channels = new ArrayList<>();
    private final byte[] request;
    private final int bodyBytes;

    /** Drops what comes. */
    SocketDrain(int port, int connections) throws IOException {
        this(port, connections, SocketDrain::drain);
    }

    /** Reads what comes into an array. */
    static SocketDrain intoArrays(int port, int connections) throws IOException {
        return new SocketDrain(port, connections, SocketDrain::drainIntoArray);
    }

    private interface Loop {
        void run(SocketDrain drain, SocketChannel channel) throws IOException;
    }

    private SocketDrain(int port, int connections, Loop loop) throws IOException {
        ApiRequest get =
                ApiRequests.getRecords(
                        StreamPath.parse("bench/source").shard(0),
                        new Location("0000000000000000"),
                        RECORDS);
        String head =
                "PUT "
                        + get.target()
                        + " HTTP/1.1\r\nX-v3io-function: GetRecords\r\nContent-Length: "
                        + get.body().length()
                        + "\r\n\r\n";
        this.request =
                (head + new String(get.body().toBytes(), StandardCharsets.US_ASCII))
                        .getBytes(StandardCharsets.US_ASCII);
        this.bodyBytes = GetRecordsAnswer.firstBody(RECORDS, RECORD_BYTES).length;
        for (int i = 0; i < connections; i++) {
            SocketChannel channel =
                    SocketChannel.open(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            channels.add(channel);
            Thread thread = new Thread(() -> run(loop, channel), "drain-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    long bytes() {
        return bytes.get();
    }

    private void run(Loop loop, SocketChannel channel) {
        try {
            loop.run(this, channel);
        } catch (ClosedChannelException e) {
            // As wanted, at the end.
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            throw new IllegalStateException("A connection has failed.", e);
        }
    }

    private void drain(SocketChannel channel) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
        while (true) {
            channel.write(ByteBuffer.wrap(request));
            int left = Integer.MAX_VALUE;
            while (left > 0) {
                buffer.clear();
                int count = read(channel, buffer);
                if (left == Integer.MAX_VALUE) {
                    // The first piece has the whole head.
                    left = bodyBytes + headBytes(buffer);
                }
                left -= count;
            }
        }
    }

    private void drainIntoArray(SocketChannel channel) throws IOException {
        ByteBuffer answer = ByteBuffer.wrap(new byte[bodyBytes + MAX_HEAD_BYTES]);
        while (true) {
            channel.write(ByteBuffer.wrap(request));
            answer.clear();
            int wholeBytes = Integer.MAX_VALUE;
            while (answer.position() < wholeBytes) {
                answer.limit(Math.min(answer.capacity(), answer.position() + PIECE_BYTES));
                int unused = read(channel, answer);
                if (wholeBytes == Integer.MAX_VALUE) {
                    wholeBytes = bodyBytes + headBytes(answer);
                }
            }
        }
    }

    private int read(SocketChannel channel, ByteBuffer target) throws IOException {
        int count = channel.read(target);
        if (count < 0) {
            throw new EOFException("The server has closed a connection.");
        }
        bytes.addAndGet(count);
        return count;
    }

    private static int headBytes(ByteBuffer buffer) {
        int at = 0;
        while (buffer.getInt(at) != 0x0D0A0D0A) {
            at++;
        }
        return at + 4;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        for (SocketChannel channel : channels) {
            channel.close();
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
