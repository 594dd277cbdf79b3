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

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * What may stand between a sink and the server: passes requests on, but a test decides what becomes
 * of each PutRecords. Thread-safe.
 */
public final class ChaosProxy implements AutoCloseable {

    static {
        // Otherwise each answer waits 40 ms for an acknowledgement of its headers.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private static final String FUNCTION = "X-v3io-function";
    private static final List<String> PASSED_ON =
            List.of(FUNCTION, "X-v3io-session-key", "Content-Type");
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    /** What becomes of a request. */
    public sealed interface Fate {

        Fate PASS = new Pass();
        Fate LOSE_ANSWER = new LoseAnswer();
        Fate CUT_ANSWER = new CutAnswer();

        /** It is passed on, and so is its answer. */
        record Pass() implements Fate {}

        /** It is passed on, and the connection closed in place of an answer. */
        record LoseAnswer() implements Fate {}

        /** It is passed on, and the connection closed after half of the answer's body. */
        record CutAnswer() implements Fate {}

        /** It is not passed on, but answered so. */
        record Refuse(int status, String contentType, String body) implements Fate {}

        /** The connection is closed, and the request passed on so much later. */
        record LandLate(Duration delay) implements Fate {}
    }

    private final URI target;
    private final Function<String, Fate> fates;
    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ScheduledThreadPoolExecutor late = new ScheduledThreadPoolExecutor(1);
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final AtomicInteger puts = new AtomicInteger();

    /**
     * A proxy on a free port of this machine.
     *
     * @param target endpoint of the server
     * @param fates what becomes of a PutRecords with this body; called by many threads
     */
    public ChaosProxy(String target, Function<String, Fate> fates) {
        this.target = URI.create(target);
        this.fates = fates;
        try {
            this.server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Where clients find the server. */
    public String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** PutRecords requests until now, whatever became of them. */
    public int putRequests() {
        return puts.get();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Fate fate = Fate.PASS;
            if ("PutRecords".equals(exchange.getRequestHeaders().getFirst(FUNCTION))) {
                puts.incrementAndGet();
                fate = fates.apply(new String(body, UTF_8));
            }
            HttpRequest request = request(exchange, body);
            if (fate instanceof Fate.LandLate landing) {
                // Nobody waits for it.
                var unused =
                        late.schedule(
                                () -> passOnQuietly(request),
                                landing.delay().toMillis(),
                                TimeUnit.MILLISECONDS);
            } else if (fate instanceof Fate.Refuse refusal) {
                byte[] answer = refusal.body().getBytes(UTF_8);
                exchange.getResponseHeaders().set("Content-Type", refusal.contentType());
                exchange.sendResponseHeaders(refusal.status(), answer.length);
                exchange.getResponseBody().write(answer);
            } else {
                answer(exchange, passOn(request), fate);
            }
        }
    }

    private HttpRequest request(HttpExchange exchange, byte[] body) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(target.resolve(exchange.getRequestURI().toString()))
                        .timeout(TIMEOUT)
                        .method(
                                exchange.getRequestMethod(),
                                HttpRequest.BodyPublishers.ofByteArray(body));
        for (String header : PASSED_ON) {
            String value = exchange.getRequestHeaders().getFirst(header);
            if (value != null) {
                request.header(header, value);
            }
        }
        return request.build();
    }

    private HttpResponse<byte[]> passOn(HttpRequest request) throws IOException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofByteArray());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("Closed.", e);
        }
    }

    /** Nobody waits for this answer. */
    private void passOnQuietly(HttpRequest request) {
        try {
            passOn(request);
        } catch (IOException e) {
            // The server was closed before; what had to be stored was stored.
        }
    }

    private static void answer(HttpExchange exchange, HttpResponse<byte[]> answer, Fate fate)
            throws IOException {
        if (fate instanceof Fate.LoseAnswer) {
            return;
        }
        byte[] body = answer.body();
        answer.headers()
                .firstValue("Content-Type")
                .ifPresent(type -> exchange.getResponseHeaders().set("Content-Type", type));
        if (fate instanceof Fate.CutAnswer && body.length > 1) {
            exchange.sendResponseHeaders(answer.statusCode(), body.length);
            exchange.getResponseBody().write(body, 0, body.length / 2);
            exchange.getResponseBody().flush();
            return;
        }
        exchange.sendResponseHeaders(answer.statusCode(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    /** Lets nothing land any more. */
    @Override
    public void close() {
        late.shutdownNow();
        server.stop(0);
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)
                    || !late.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException("A thread of the proxy does not end.");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
