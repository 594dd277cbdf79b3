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
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ListeningSessionTest {

    private static final int PIECE = 1 << 18;

    private final List<Integer> offered = new ArrayList<>();
    private int room = Integer.MAX_VALUE;
    private boolean isBroken;
    private boolean isOpen = true;

    private final ListeningSession session =
            new ListeningSession(socket(), new StraightReads(true));

    /** Takes so many bytes as there is room for. When that is full, it may break. */
    private IOSession socket() {
        return (IOSession)
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {IOSession.class},
                        (proxy, method, arguments) ->
                                switch (method.getName()) {
                                    case "write" -> write((ByteBuffer) arguments[0]);
                                    case "isOpen" -> isOpen;
                                    default -> null;
                                });
    }

    private int write(ByteBuffer source) throws IOException {
        offered.add(source.remaining());
        if (room == 0 && isBroken) {
            throw new IOException("Broken pipe");
        }
        int taken = Math.min(room, source.remaining());
        room -= taken;
        source.position(source.position() + taken);
        return taken;
    }

    @Test
    void aBodyIsWrittenInPieces() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(2 * PIECE + 5);

        assertThat(session.write(body)).isEqualTo(2 * PIECE + 5);

        assertThat(offered).containsExactly(PIECE, PIECE, 5);
        assertThat(body.hasRemaining()).isFalse();
    }

    @Test
    void nothingIsOfferedAfterTheLastPiece() throws IOException {
        assertThat(session.write(ByteBuffer.allocate(2 * PIECE))).isEqualTo(2 * PIECE);

        assertThat(offered).containsExactly(PIECE, PIECE);
    }

    @Test
    void whatDoesNotFitIsLeft() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(3 * PIECE);
        room = PIECE + 100;

        assertThat(session.write(body)).isEqualTo(PIECE + 100);

        assertThat(offered).containsExactly(PIECE, PIECE);
        assertThat(body.remaining()).isEqualTo(2 * PIECE - 100);
        room = 0;
        assertThat(session.write(body)).isZero();
    }

    @Test
    void whatWasWrittenBeforeAFailureCounts() throws IOException {
        ByteBuffer body = ByteBuffer.allocate(3 * PIECE);
        room = PIECE;
        isBroken = true;

        assertThat(session.write(body)).isEqualTo(PIECE);

        assertThat(body.remaining()).isEqualTo(2 * PIECE);
        offered.clear();
        assertThat(session.write(body)).as("written to a mute session").isZero();
        assertThat(offered).isEmpty();
    }

    @Test
    void aFailureOfAClosedSessionIsThrown() {
        ByteBuffer body = ByteBuffer.allocate(3 * PIECE);
        room = 0;
        isBroken = true;
        isOpen = false;

        assertThatThrownBy(() -> session.write(body)).hasMessage("Broken pipe");
        assertThat(body.remaining()).isEqualTo(3 * PIECE);
    }
}
