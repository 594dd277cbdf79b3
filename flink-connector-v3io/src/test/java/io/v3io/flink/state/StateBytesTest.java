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

package io.v3io.flink.state;

import org.apache.flink.core.memory.DataOutputSerializer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.DataInputStream;
import java.io.IOException;
import java.util.HexFormat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class StateBytesTest {

    private static final String OWNER = "a test";

    @Test
    void writesTheLengthInBytesBeforeText() throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(16);

        StateBytes.writeText(out, "aß€\uD83D\uDE00");
        StateBytes.writeBytes(out, new byte[0]);
        StateBytes.writeBytes(out, new byte[] {-1, 0});

        byte[] written = out.getCopyOfBuffer();
        assertThat(HexFormat.of().formatHex(written))
                .isEqualTo("0000000a61c39fe282acf09f98800000000000000002ff00");
        DataInputStream in = StateBytes.reader(written);
        assertThat(StateBytes.readText(in, OWNER)).isEqualTo("aß€\uD83D\uDE00");
        assertThat(StateBytes.readBytes(in, OWNER)).isEmpty();
        assertThat(StateBytes.readBytes(in, OWNER)).containsExactly(-1, 0);
        StateBytes.requireEnd(in, OWNER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffffffff6162", "000000036162", "7fffffff6162"})
    void refusesALengthThatIsDamaged(String state) {
        DataInputStream in = StateBytes.reader(HexFormat.of().parseHex(state));

        assertThatThrownBy(() -> StateBytes.readBytes(in, OWNER))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("The state of a test is damaged: a part of it has ")
                .hasMessageEndingWith("only 2 are left.");
    }

    @Test
    void refusesBytesAfterTheEnd() throws IOException {
        DataInputStream in = StateBytes.reader(new byte[] {0, 0, 0, 1, 7, 0, 0});
        assertThat(StateBytes.readBytes(in, OWNER)).containsExactly(7);

        assertThatThrownBy(() -> StateBytes.requireEnd(in, OWNER))
                .isInstanceOf(IOException.class)
                .hasMessage("The state of a test has 2 bytes too many.");
    }
}
