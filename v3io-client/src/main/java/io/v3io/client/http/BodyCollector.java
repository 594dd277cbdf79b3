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

package io.v3io.client.http;

import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.protocol.HttpContext;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Collects an answer in one array, which grows with what has really come: up to the size that the
 * server announces, else up to the limit. A small answer that is announced gets its array at once.
 * Called by one I/O thread.
 *
 * <p>The exchange is told when the library lets go of the request, which is after it has taken the
 * connection back: so what the caller sends next, as soon as it has the answer, finds a connection.
 */
final class BodyCollector implements AsyncResponseConsumer<HttpAnswer> {

    private static final byte[] EMPTY = new byte[0];
    private static final int FIRST_BYTES = 16 * 1024;

    /**
     * An announcement costs a server nothing, so it alone must not make many requests at a time
     * take the memory of their largest answers.
     */
    private static final int MAX_FIRST_BYTES = 1024 * 1024;

    private final int limitBytes;
    private final ClientCounters counters;
    private final Exchange exchange;

    private int maxBytes;
    private byte[] body = EMPTY;
    private int length;
    private int status;
    @Nullable private String retryAfter;
    @Nullable private String redirectTarget;
    @Nullable private FutureCallback<HttpAnswer> whenWhole;
    private boolean isWhole;

    BodyCollector(int limitBytes, ClientCounters counters, Exchange exchange) {
        this.limitBytes = limitBytes;
        this.maxBytes = limitBytes;
        this.counters = counters;
        this.exchange = exchange;
    }

    @Override
    public void consumeResponse(
            HttpResponse response,
            @Nullable EntityDetails entity,
            HttpContext context,
            FutureCallback<HttpAnswer> callback)
            throws IOException {
        status = response.getCode();
        retryAfter = header(response, HttpHeaders.RETRY_AFTER);
        redirectTarget = header(response, HttpHeaders.LOCATION);
        whenWhole = callback;
        if (entity == null) {
            streamEnd(null);
            return;
        }
        long announced = entity.getContentLength();
        if (announced > limitBytes) {
            throw new AnswerTooLargeException(limitBytes);
        }
        if (announced > 0) {
            maxBytes = (int) announced;
            body = new byte[Math.min(maxBytes, MAX_FIRST_BYTES)];
        }
    }

    @Override
    public void informationResponse(HttpResponse response, HttpContext context) {
        // Nothing that a 1xx says concerns us.
    }

    @Override
    public void updateCapacity(CapacityChannel channel) throws IOException {
        // The limit is enforced byte by byte; the socket need not wait for us.
        channel.update(Integer.MAX_VALUE);
    }

    @Override
    public void consume(ByteBuffer source) throws IOException {
        int bytes = source.remaining();
        counters.received(bytes);
        if (bytes > maxBytes - length) {
            throw new AnswerTooLargeException(limitBytes);
        }
        if (bytes > body.length - length) {
            body = Arrays.copyOf(body, grown(length + bytes));
        }
        source.get(body, length, bytes);
        length += bytes;
    }

    @Override
    public void streamEnd(@Nullable List<? extends Header> trailers) {
        isWhole = true;
        if (whenWhole != null) {
            whenWhole.completed(answer());
        }
    }

    @Override
    public void failed(Exception cause) {
        // Whoever runs the exchange is told as well.
    }

    @Override
    public void releaseResources() {
        if (isWhole) {
            exchange.answered(answer());
        }
        body = EMPTY;
    }

    private int grown(int needed) {
        long doubled = Math.max(FIRST_BYTES, body.length * 2L);
        return (int) Math.min(maxBytes, Math.max(needed, doubled));
    }

    private HttpAnswer answer() {
        return new HttpAnswer(status, retryAfter, redirectTarget, body, length);
    }

    @Nullable
    private static String header(HttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }
}
