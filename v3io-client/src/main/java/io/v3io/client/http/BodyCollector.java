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

import io.v3io.client.AnswerAdmission;

import org.apache.hc.core5.concurrent.FutureCallback;
import org.apache.hc.core5.http.EntityDetails;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.nio.AsyncResponseConsumer;
import org.apache.hc.core5.http.nio.CapacityChannel;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.reactor.IOSession;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Collects an answer in one array, which grows with what has really come: up to the size that the
 * server announces, else up to the limit. An answer that is announced gets its array at once if it
 * is small, if an array of its size is spare, or if the caller admits it. Called by one I/O thread.
 *
 * <p>An error is kept only so far as it says what is wrong. The rest is read and dropped, because a
 * connection is worth more than some bytes, but not more than a megabyte. Its status tells what it
 * is, so it is an answer even when the rest never comes.
 *
 * <p>The array of a success is one that an earlier answer has left, if there is any. It goes back
 * when this answer has been decoded, and only then: of a request that ends in any other way,
 * another thread may still have bytes in hand. For the same reason that of an error never goes
 * back: another thread may tell it before its end has come.
 *
 * <p>The body of a success whose length is announced is read straight into the array, see {@link
 * StraightReads}; only what has come with the head is not.
 *
 * <p>Whatever is thrown in here, also for want of memory, ends this exchange and not the thread.
 *
 * <p>The exchange is told when the library lets go of the request, which is after it has taken the
 * connection back: so what the caller sends next, as soon as it has the answer, finds a connection.
 */
final class BodyCollector implements AsyncResponseConsumer<HttpAnswer>, StraightReads.Receiver {

    private static final byte[] EMPTY = new byte[0];
    private static final int FIRST_BYTES = 16 * 1024;

    /**
     * An announcement costs a server nothing, so it alone must not make many requests at a time
     * take the memory of their largest answers.
     */
    private static final int MAX_FIRST_BYTES = 1024 * 1024;

    /** Far more than an error of the API has, and little even on many connections at a time. */
    private static final int MAX_ERROR_BYTES = 16 * 1024;

    private static final int MAX_DROPPED_BYTES = 1024 * 1024;

    private final int limitBytes;
    private final ClientCounters counters;
    private final SpareArrays spares;
    private final Exchange exchange;
    @Nullable private final AnswerAdmission admission;
    private final StraightReads reads;
    @Nullable private volatile ListeningSession session;

    private boolean isSuccess;
    private boolean hasLength;
    private int maxBytes;
    private int maxKeptBytes;
    private int received;

    /** Bytes that are in the array already, of which the library has not told yet. */
    private int readStraight;

    private byte[] body = EMPTY;
    private int length;
    private int status;
    @Nullable private String retryAfter;
    @Nullable private String redirectTarget;
    @Nullable private FutureCallback<HttpAnswer> whenWhole;
    private volatile boolean isWhole;
    private final AtomicBoolean isReleased = new AtomicBoolean();

    /** The admission is asked for the memory of a success; null if nobody wants to be asked. */
    BodyCollector(
            int limitBytes,
            ClientCounters counters,
            SpareArrays spares,
            Exchange exchange,
            @Nullable AnswerAdmission admission,
            StraightReads reads) {
        this.limitBytes = limitBytes;
        this.counters = counters;
        this.spares = spares;
        this.exchange = exchange;
        this.admission = admission;
        this.reads = reads;
    }

    @Override
    public void consumeResponse(
            HttpResponse response,
            @Nullable EntityDetails entity,
            HttpContext context,
            FutureCallback<HttpAnswer> callback)
            throws IOException {
        if (!exchange.isSending()) {
            throw exchange.hasEnded()
                    ? new IOException("The request was given up.")
                    : new ProxyRefusalException(response.getCode());
        }
        guarded(() -> begin(response, entity, callback));
    }

    private void begin(
            HttpResponse response,
            @Nullable EntityDetails entity,
            FutureCallback<HttpAnswer> callback)
            throws IOException {
        status = response.getCode();
        isSuccess = HttpAnswer.isSuccess(status);
        retryAfter = header(response, HttpHeaders.RETRY_AFTER);
        redirectTarget = header(response, HttpHeaders.LOCATION);
        whenWhole = callback;
        if (!isSuccess) {
            exchange.refused(this::refusalSoFar);
        }
        if (entity == null) {
            hasLength = true;
            streamEnd(null);
            return;
        }
        long announced = entity.getContentLength();
        // The library calls everything chunked that has no length.
        hasLength = announced >= 0 || response.containsHeader(HttpHeaders.TRANSFER_ENCODING);
        if (isSuccess && announced > limitBytes) {
            throw new AnswerTooLargeException(limitBytes);
        }
        maxBytes = announced < 0 || announced > limitBytes ? limitBytes : (int) announced;
        maxKeptBytes = isSuccess ? maxBytes : Math.min(maxBytes, MAX_ERROR_BYTES);
        if (announced > 0) {
            body = firstArray();
            if (isSuccess) {
                session = reads.receive(this);
                if (isReleased.get()) {
                    endStraightReads();
                }
            }
        }
    }

    @Override
    public int read(IOSession channel, ByteBuffer target) throws IOException {
        byte[] array = body;
        int bytes = Math.min(target.remaining(), maxBytes - received);
        bytes = Math.min(bytes, array.length - length);
        if (bytes <= 0 || readStraight > 0) {
            // The array has to grow first, or the library does not do as it is expected to.
            return channel.read(target);
        }
        int read;
        try {
            read = channel.read(ByteBuffer.wrap(array, length, bytes));
        } catch (RuntimeException | Error e) {
            throw fault(e);
        }
        if (read > 0) {
            readStraight = read;
            target.position(target.position() + read);
        }
        return read;
    }

    private void endStraightReads() {
        ListeningSession current = session;
        if (current != null) {
            session = null;
            current.setReceiver(null);
        }
    }

    /** Code that may throw anything, on a thread that must not end by it. */
    private interface Step {
        void run() throws IOException;
    }

    private void guarded(Step step) throws IOException {
        try {
            step.run();
        } catch (RuntimeException | Error e) {
            throw fault(e);
        }
    }

    private AnswerFaultException fault(Throwable thrown) {
        body = EMPTY;
        length = 0;
        return new AnswerFaultException(thrown);
    }

    private byte[] firstArray() throws IOException {
        if (isAsking()) {
            requireAdmission(maxBytes, "the " + maxBytes + " bytes that the answer announces");
            return spares.take(maxBytes);
        }
        if (!isSuccess) {
            return new byte[maxKeptBytes];
        }
        // Growing copies most of an answer, so it may have more at once of what is there anyway.
        return spares.take(Math.min(maxKeptBytes, MAX_FIRST_BYTES), maxKeptBytes);
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
        guarded(() -> take(source));
    }

    private void take(ByteBuffer source) throws IOException {
        int bytes = source.remaining();
        counters.received(bytes);
        if (isSuccess && bytes > maxBytes - received) {
            throw new AnswerTooLargeException(limitBytes);
        }
        received += bytes;
        int kept = Math.min(bytes, maxKeptBytes - length);
        if (readStraight > 0) {
            if (readStraight != bytes) {
                throw new IllegalStateException(
                        "Read " + readStraight + " bytes of a body, but was told of " + bytes);
            }
            readStraight = 0;
        } else {
            if (kept > body.length - length) {
                grow(length + kept);
            }
            source.get(body, length, kept);
        }
        source.position(source.limit());
        length += kept;
        if (received == maxBytes) {
            endStraightReads();
        }
        if (!isSuccess && received - length > MAX_DROPPED_BYTES) {
            // Known as a refusal, so this is only the end of its connection.
            throw new IOException("The rest of an error is not read.");
        }
    }

    @Override
    public void streamEnd(@Nullable List<? extends Header> trailers) throws IOException {
        isWhole = true;
        if (whenWhole != null) {
            guarded(() -> whenWhole.completed(answer()));
        }
    }

    @Override
    public void failed(Exception cause) {
        // Whoever runs the exchange is told as well.
    }

    @Override
    public void releaseResources() {
        if (!isReleased.compareAndSet(false, true)) {
            return;
        }
        endStraightReads();
        if (isWhole) {
            // Read after the flag: what was there before it may have grown, and so gone back.
            byte[] whole = body;
            try {
                exchange.answered(answer());
            } finally {
                giveBack(whole);
            }
        }
        if (isSuccess) {
            body = EMPTY;
        }
    }

    private void grow(int needed) throws IOException {
        long doubled = Math.max(FIRST_BYTES, body.length * 2L);
        int grown = (int) Math.min(maxKeptBytes, Math.max(needed, doubled));
        if (isAsking()) {
            requireAdmission(
                    grown,
                    grown + " bytes for the answer, which is of unannounced length and goes on");
        }
        byte[] smaller = body;
        byte[] larger = isSuccess ? spares.take(grown) : new byte[grown];
        System.arraycopy(smaller, 0, larger, 0, length);
        body = larger;
        giveBack(smaller);
    }

    private void giveBack(byte[] array) {
        if (isSuccess) {
            spares.giveBack(array);
        }
    }

    private boolean isAsking() {
        return admission != null && isSuccess;
    }

    /** Nothing that the caller's code throws may get past this: an error ends the I/O thread. */
    private void requireAdmission(int bytes, String what) throws IOException {
        boolean isAdmitted;
        try {
            isAdmitted = !exchange.hasEnded() && admission.admit(bytes);
        } catch (RuntimeException | Error e) {
            body = EMPTY;
            throw new AdmissionFaultException(e);
        }
        if (!isAdmitted) {
            body = EMPTY;
            throw new NotAdmittedException(
                    "status " + status + ", but the caller did not admit " + what);
        }
    }

    private HttpAnswer answer() {
        return new HttpAnswer(
                status, retryAfter, redirectTarget, body, length, hasLength && length == received);
    }

    /** What there is of an error whose end has not come, or never will; on any thread. */
    private HttpAnswer refusalSoFar() {
        int soFar = length;
        byte[] bytes = body;
        return new HttpAnswer(
                status, retryAfter, redirectTarget, bytes, Math.min(soFar, bytes.length), false);
    }

    @Nullable
    private static String header(HttpResponse response, String name) {
        Header header = response.getFirstHeader(name);
        return header == null ? null : header.getValue();
    }
}
