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

import org.apache.flink.annotation.Internal;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * Parts of a state whose length is written before them, in bytes and as four bytes big-endian; text
 * is UTF-8. Readers must be over an array, as those of {@link #reader} are, so that what is
 * available is all that is left: a damaged length must not make anybody allocate gigabytes.
 */
@Internal
public final class StateBytes {

    private StateBytes() {}

    /** Reads a state from its start. */
    public static DataInputStream reader(byte[] serialized) {
        return new DataInputStream(new ByteArrayInputStream(serialized));
    }

    public static void writeBytes(DataOutput out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    public static void writeText(DataOutput out, String text) throws IOException {
        writeBytes(out, utf8(text));
    }

    /**
     * Reads what {@link #writeBytes} wrote.
     *
     * @param owner whose state this is, for the error message
     * @throws IOException if fewer bytes are left than the length says
     */
    public static byte[] readBytes(DataInputStream in, String owner) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw damaged(length, in.available(), owner);
        }
        byte[] bytes = new byte[length];
        in.readFully(bytes);
        return bytes;
    }

    /** For a length that cannot be. */
    public static IOException damaged(int length, int left, String owner) {
        return new IOException(
                "The state of "
                        + owner
                        + " is damaged: a part of it has "
                        + length
                        + " bytes, but only "
                        + left
                        + " are left.");
    }

    /** Reads what {@link #writeText} wrote; throws as {@link #readBytes} does. */
    public static String readText(DataInputStream in, String owner) throws IOException {
        return text(readBytes(in, owner));
    }

    public static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static String text(byte[] utf8) {
        return new String(utf8, StandardCharsets.UTF_8);
    }

    /**
     * To be called when all has been read.
     *
     * @param owner whose state this is, for the error message
     * @throws IOException if something is left
     */
    public static void requireEnd(DataInputStream in, String owner) throws IOException {
        if (in.available() > 0) {
            throw new IOException(
                    "The state of " + owner + " has " + in.available() + " bytes too many.");
        }
    }
}
