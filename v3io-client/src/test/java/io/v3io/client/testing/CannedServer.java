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

package io.v3io.client.testing;

import javax.net.ServerSocketFactory;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An HTTP server that answers with exactly the bytes that a test gives it, also with none. It does
 * not know HTTP beyond reading a request with a {@code Content-Length}.
 */
public final class CannedServer implements Closeable {

    /** Answers one request, or does not. */
    @FunctionalInterface
    public interface Handler {
        void handle(Request request, Connection connection) throws IOException;
    }

    /** A request as it came; header names are matched without regard to case. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Request(
            String method,
            String target,
            Map<String, String> headers,
            byte[] body,
            int connection,
            int number) {

        public String header(String name) {
            return headers.get(name);
        }

        public String function() {
            return headers.getOrDefault("X-v3io-function", "");
        }

        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    /** The side of the server. */
    public static final class Connection {

        private final Socket socket;
        private final InputStream in;

        Connection(Socket socket, InputStream in) {
            this.socket = socket;
            this.in = in;
        }

        /** Passes bytes on in both directions until either side ends, as a proxy's tunnel does. */
        public void relay(int port) throws IOException {
            try (Socket other = new Socket(InetAddress.getLoopbackAddress(), port)) {
                daemon("canned-server-relay", () -> copy(other, socket));
                in.transferTo(other.getOutputStream());
            }
        }

        private static void copy(Socket from, Socket to) {
            try (from;
                    to) {
                from.getInputStream().transferTo(to.getOutputStream());
            } catch (IOException e) {
                // A tunnel ends with either of its ends.
            }
        }

        public void write(byte[] bytes) throws IOException {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        }

        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.UTF_8));
        }

        public void answer(int status, String contentType, String body) throws IOException {
            answer(status, contentType, "", body.getBytes(StandardCharsets.UTF_8));
        }

        public void answer(int status, String contentType, String moreHeaders, byte[] body)
                throws IOException {
            write(head(status, contentType, moreHeaders, body.length));
            write(body);
        }

        public void json(String body) throws IOException {
            answer(200, "application/json", body);
        }

        public void error(int status, int code, String name) throws IOException {
            answer(
                    status,
                    "application/json",
                    "{\"ErrorCode\": " + code + ", \"ErrorMessage\": \"" + name + "\"}");
        }

        public void noContent() throws IOException {
            write("HTTP/1.1 204 No Content\r\n\r\n");
        }

        public void close() throws IOException {
            socket.close();
        }

        /** Closes with a reset, so that the client sees no orderly end. */
        public void reset() throws IOException {
            socket.setSoLinger(true, 0);
            socket.close();
        }
    }

    private final ServerSocket listener;
    private final Handler handler;
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final List<Throwable> troubles = new CopyOnWriteArrayList<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger closedByClient = new AtomicInteger();

    private CannedServer(ServerSocket listener, Handler handler) {
        this.listener = listener;
        this.handler = handler;
    }

    public static CannedServer start(Handler handler) throws IOException {
        return start(
                ServerSocketFactory.getDefault(), InetAddress.getLoopbackAddress(), 0, handler);
    }

    public static CannedServer start(
            ServerSocketFactory sockets, InetAddress address, int port, Handler handler)
            throws IOException {
        CannedServer server =
                new CannedServer(sockets.createServerSocket(port, 500, address), handler);
        daemon("canned-server", server::accept);
        return server;
    }

    public static String head(int status, String contentType, String moreHeaders, long length) {
        return "HTTP/1.1 "
                + status
                + " Status\r\nContent-Type: "
                + contentType
                + "\r\n"
                + moreHeaders
                + "Content-Length: "
                + length
                + "\r\n\r\n";
    }

    public int port() {
        return listener.getLocalPort();
    }

    public String endpoint() {
        return "http://127.0.0.1:" + port();
    }

    public List<Request> requests() {
        return requests;
    }

    public int connections() {
        return connections.get();
    }

    /** Connections that the client has closed. */
    public int closedByClient() {
        return closedByClient.get();
    }

    public List<Request> requests(String function) {
        List<Request> matching = new ArrayList<>();
        for (Request request : requests) {
            if (request.function().equals(function)) {
                matching.add(request);
            }
        }
        return matching;
    }

    /** Closes every connection that is open now. */
    public void closeConnections() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        closeConnections();
        if (!troubles.isEmpty()) {
            throw new AssertionError("The handler failed.", troubles.get(0));
        }
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                Socket socket = listener.accept();
                sockets.add(socket);
                int number = connections.getAndIncrement();
                daemon("canned-server-connection", () -> serve(socket, number));
            } catch (IOException e) {
                // The listener was closed, which ends the loop.
            }
        }
    }

    private void serve(Socket socket, int number) {
        try {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            for (Request request = read(in, number); request != null; request = read(in, number)) {
                requests.add(request);
                handler.handle(request, new Connection(socket, in));
            }
        } catch (IOException e) {
            // The connection is gone: the client's doing, or the test's.
        } catch (RuntimeException | Error e) {
            troubles.add(e);
        }
        if (!socket.isClosed()) {
            closedByClient.incrementAndGet();
            close(socket);
        }
    }

    private void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            troubles.add(e);
        }
    }

    private Request read(InputStream in, int connection) throws IOException {
        String start = line(in);
        if (start == null || start.isEmpty()) {
            return null;
        }
        String[] parts = start.split(" ", 3);
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String line = line(in); line != null && !line.isEmpty(); line = line(in)) {
            int colon = line.indexOf(':');
            if (colon < 0 || parts.length < 3) {
                throw new IOException("This is not HTTP: " + start);
            }
            headers.put(line.substring(0, colon), line.substring(colon + 1).trim());
        }
        int length = Integer.parseInt(headers.getOrDefault("Content-Length", "0"));
        byte[] body = in.readNBytes(length);
        return new Request(
                parts[0].toUpperCase(Locale.ROOT),
                parts[1],
                headers,
                body,
                connection,
                requests.size());
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                return null;
            }
            if (b != '\r') {
                line.write(b);
            }
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }
}
