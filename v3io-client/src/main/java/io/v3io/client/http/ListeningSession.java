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

import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.reactor.Command;
import org.apache.hc.core5.reactor.IOEventHandler;
import org.apache.hc.core5.reactor.IOSession;
import org.apache.hc.core5.util.Timeout;

import javax.annotation.Nullable;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.SelectionKey;
import java.util.concurrent.locks.Lock;

/**
 * A connection that still listens when it cannot be written to any more. A server that refuses a
 * large request may answer and close before it has read all of it. The answer is then there to be
 * read, but the library would only see that its writing fails, and throttling would pass for a
 * broken connection.
 *
 * <p>After a failed write nothing is written; reading gives the answer, or the end of the
 * connection, which ends the request as before.
 *
 * <p>What is read for a body that has asked for it goes straight to its array, see {@link
 * StraightReads}.
 */
final class ListeningSession implements IOSession {

    /**
     * The JDK copies all of an array that it is to write, also if the socket takes a small part of
     * it, and does so again for the rest.
     */
    private static final int MAX_PIECE_BYTES = 1 << 18;

    private final IOSession session;
    private final StraightReads reads;
    private volatile boolean isMute;
    @Nullable private volatile StraightReads.Receiver receiver;

    ListeningSession(IOSession session, StraightReads reads) {
        this.session = session;
        this.reads = reads;
    }

    /** Lets it have what comes from now on, until the next call; null for nobody. */
    void setReceiver(@Nullable StraightReads.Receiver receiver) {
        this.receiver = receiver;
    }

    @Override
    public int write(ByteBuffer source) throws IOException {
        if (isMute) {
            session.clearEvent(SelectionKey.OP_WRITE);
            return 0;
        }
        int start = source.position();
        try {
            writeInPieces(source);
        } catch (IOException e) {
            if (!session.isOpen()) {
                throw e;
            }
            isMute = true;
            session.clearEvent(SelectionKey.OP_WRITE);
            session.setEvent(SelectionKey.OP_READ);
        }
        return source.position() - start;
    }

    private void writeInPieces(ByteBuffer source) throws IOException {
        int end = source.limit();
        try {
            boolean isTaken = true;
            while (isTaken && source.position() < end) {
                source.limit(Math.min(end, source.position() + MAX_PIECE_BYTES));
                session.write(source);
                isTaken = !source.hasRemaining();
            }
        } finally {
            source.limit(end);
        }
    }

    @Override
    public int read(ByteBuffer target) throws IOException {
        reads.begin(this);
        StraightReads.Receiver current = receiver;
        return current == null ? session.read(target) : current.read(session, target);
    }

    @Override
    public ByteChannel channel() {
        return this;
    }

    @Override
    public IOEventHandler getHandler() {
        return session.getHandler();
    }

    @Override
    public void upgrade(IOEventHandler handler) {
        session.upgrade(handler);
    }

    @Override
    public Lock getLock() {
        return session.getLock();
    }

    @Override
    public void enqueue(Command command, Command.Priority priority) {
        session.enqueue(command, priority);
    }

    @Override
    public boolean hasCommands() {
        return session.hasCommands();
    }

    @Override
    public Command poll() {
        return session.poll();
    }

    @Override
    public SocketAddress getRemoteAddress() {
        return session.getRemoteAddress();
    }

    @Override
    public SocketAddress getLocalAddress() {
        return session.getLocalAddress();
    }

    @Override
    public int getEventMask() {
        return session.getEventMask();
    }

    @Override
    public void setEventMask(int ops) {
        session.setEventMask(ops);
    }

    @Override
    public void setEvent(int op) {
        session.setEvent(op);
    }

    @Override
    public void clearEvent(int op) {
        session.clearEvent(op);
    }

    @Override
    public void close() {
        session.close();
    }

    @Override
    public void close(CloseMode mode) {
        session.close(mode);
    }

    @Override
    public boolean isOpen() {
        return session.isOpen();
    }

    @Override
    public Status getStatus() {
        return session.getStatus();
    }

    @Override
    public Timeout getSocketTimeout() {
        return session.getSocketTimeout();
    }

    @Override
    public void setSocketTimeout(Timeout timeout) {
        session.setSocketTimeout(timeout);
    }

    @Override
    public long getLastReadTime() {
        return session.getLastReadTime();
    }

    @Override
    public long getLastWriteTime() {
        return session.getLastWriteTime();
    }

    @Override
    public long getLastEventTime() {
        return session.getLastEventTime();
    }

    @Override
    public void updateReadTime() {
        session.updateReadTime();
    }

    @Override
    public void updateWriteTime() {
        session.updateWriteTime();
    }

    @Override
    public String getId() {
        return session.getId();
    }

    @Override
    public String toString() {
        return session.toString();
    }
}
