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

package io.v3io.flink.e2e.cluster;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The network before a server: passes bytes on, until it is cut or swallows them. Thread-safe. */
public final class FaultProxy implements AutoCloseable {

    private static final int BUFFER_BYTES = 64 * 1024;
    private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

    private enum Mode {
        PASS,
        CUT,
        SWALLOW
    }

    private final ServerSocket server;
    private final Thread acceptor;
    private final Set<Link> links = ConcurrentHashMap.newKeySet();

    private final InetSocketAddress target;

    // Guarded by this; a link waits on it while bytes are swallowed.
    private Mode mode = Mode.PASS;
    private boolean closed;

    /**
     * A proxy on a free port of this machine.
     *
     * @param target a server of this machine, now or later
     */
    public FaultProxy(int target) {
        this.target = new InetSocketAddress(InetAddress.getLoopbackAddress(), target);
        try {
            this.server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.acceptor = new Thread(this::accept, "fault-proxy");
        acceptor.start();
    }

    /** Where clients find the server. */
    public int port() {
        return server.getLocalPort();
    }

    /** Resets all connections, and every new one. */
    public synchronized void cut() {
        mode = Mode.CUT;
        notifyAll();
        links.forEach(Link::reset);
    }

    /** Takes no more bytes from either side, like a cable that nobody notices to be out. */
    public synchronized void swallow() {
        mode = Mode.SWALLOW;
    }

    /** Passes on again. What was swallowed was lost, so the connections of that time are reset. */
    public synchronized void heal() {
        if (mode == Mode.SWALLOW) {
            links.forEach(Link::reset);
        }
        mode = Mode.PASS;
        notifyAll();
    }

    private void accept() {
        while (true) {
            Socket client;
            try {
                client = server.accept();
            } catch (IOException e) {
                // Closed; anything else would show in the jobs.
                return;
            }
            new Link(client).start();
        }
    }

    private synchronized Mode mode() {
        return mode;
    }

    private synchronized boolean mayPass() throws InterruptedException {
        while (mode == Mode.SWALLOW && !closed) {
            wait();
        }
        return mode == Mode.PASS && !closed;
    }

    @Override
    public void close() {
        try {
            server.close();
            acceptor.join();
            List<Link> open;
            synchronized (this) {
                closed = true;
                notifyAll();
                open = new ArrayList<>(links);
            }
            open.forEach(Link::reset);
            for (Link link : open) {
                link.join();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("Interrupted while a proxy is closed.", e);
        }
    }

    /** One connection and the one that it is passed on to. */
    private final class Link {

        private final Socket client;
        private final Socket upstream = new Socket();
        private final Thread requests = new Thread(this::passRequests, "fault-proxy-requests");
        private final Thread answers = new Thread(this::passAnswers, "fault-proxy-answers");

        Link(Socket client) {
            this.client = client;
        }

        void start() {
            links.add(this);
            requests.start();
        }

        private void passRequests() {
            try {
                if (mode() == Mode.CUT) {
                    return;
                }
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                upstream.connect(target, CONNECT_TIMEOUT_MILLIS);
                answers.start();
                pass(client.getInputStream(), upstream.getOutputStream());
            } catch (IOException e) {
                // One of the two is gone; the other learns it from the reset below.
            } finally {
                reset();
                links.remove(this);
            }
        }

        private void passAnswers() {
            try {
                pass(upstream.getInputStream(), client.getOutputStream());
            } catch (IOException e) {
                // As above.
            } finally {
                reset();
            }
        }

        private void pass(InputStream from, OutputStream to) throws IOException {
            byte[] buffer = new byte[BUFFER_BYTES];
            try {
                for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                    if (!mayPass()) {
                        return;
                    }
                    to.write(buffer, 0, read);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** Called by both threads of the link, and by whoever cuts it. */
        synchronized void reset() {
            try {
                resetOne(client);
                resetOne(upstream);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static void resetOne(Socket socket) throws IOException {
            // Where a connection could not be made, there is nothing to reset.
            if (socket.isConnected() && !socket.isClosed()) {
                // A linger of zero makes the close a reset.
                socket.setSoLinger(true, 0);
            }
            socket.close();
        }

        void join() throws InterruptedException {
            requests.join();
            answers.join();
        }
    }
}
