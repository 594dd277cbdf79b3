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

import org.apache.hc.core5.reactor.IOSession;

import javax.annotation.Nullable;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Lets a body be read straight into its array, without the library's buffer between: a copy less of
 * each byte, of the three that there would be from the kernel on.
 *
 * <p>The library reads a body of known length from the session into a buffer, and hands that buffer
 * to the consumer before it reads on. So the session may read into the array instead, and only move
 * the buffer's position by as many bytes; the consumer then passes over them. It checks that they
 * are as many as were read, so that no byte of the buffer, which holds others, is ever taken for
 * one of the body.
 *
 * <p>Bytes of TLS are not those of the body; there, all is read as ever. Thread-safe.
 */
final class StraightReads {

    /** The session that an I/O thread has read from last: the one whose answer it is handling. */
    private static final ThreadLocal<ListeningSession> LAST = new ThreadLocal<>();

    private final boolean isPlain;

    /** Whether what is read from a session is what the server has written. */
    StraightReads(boolean isPlain) {
        this.isPlain = isPlain;
    }

    /** Reads for the library. */
    interface Receiver {

        /**
         * Reads from the session, into the target or elsewhere.
         *
         * @return as {@link IOSession#read}; the target's position has moved by as many bytes
         */
        int read(IOSession session, ByteBuffer target) throws IOException;
    }

    /** Called by the I/O thread that is going to read from the session. */
    void begin(ListeningSession session) {
        if (isPlain) {
            LAST.set(session);
        }
    }

    /**
     * Called by the I/O thread that has read the head of an answer: the rest of it is the
     * receiver's.
     *
     * @return the session, to end that by; null if the answer must be read by the library
     */
    @Nullable
    ListeningSession receive(Receiver receiver) {
        ListeningSession session = LAST.get();
        if (session != null) {
            session.setReceiver(receiver);
        }
        return session;
    }
}
