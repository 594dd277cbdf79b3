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

package io.v3io.client.wire;

import com.sun.management.HotSpotDiagnosticMXBean;

import javax.annotation.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.lang.management.ManagementFactory;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.ServiceConfigurationError;

/**
 * Base64 by tables: two characters, or the twelve bits that they stand for, are one look-up, and
 * eight bytes one write. The JDK has vector instructions for base64, which are several times faster
 * than that, but not for every processor: JDK 17 needs AVX-512 on x86. Where it has none, it goes
 * from byte to byte, which takes half as much time again as the tables.
 */
final class TableBase64 {

    /** Whether the JDK has no vector instructions for base64 on this machine. */
    static final boolean IS_FASTER = !isVectorized();

    private static final VarHandle CHARACTERS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BITS =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final String ALPHABET =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /** Two characters by their twelve bits, the first one in the low byte. */
    private static final char[] PAIRS = new char[1 << 12];

    /** Twelve bits by their two characters, negative if these are none. */
    private static final short[] VALUES = new short[1 << 16];

    private static final int VALUE_BITS = 12;
    private static final int MASK = (1 << VALUE_BITS) - 1;
    private static final byte[] NO_BYTES = new byte[0];

    static {
        Arrays.fill(VALUES, (short) -1);
        for (int value = 0; value < PAIRS.length; value++) {
            int pair = ALPHABET.charAt(value >>> 6) | (ALPHABET.charAt(value & 0x3F) << 8);
            PAIRS[value] = (char) pair;
            VALUES[pair] = (short) value;
        }
    }

    private TableBase64() {}

    private static boolean isVectorized() {
        try {
            return Boolean.parseBoolean(
                    ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                            .getVMOption("UseBASE64Intrinsics")
                            .getValue());
        } catch (RuntimeException | LinkageError | ServiceConfigurationError | InternalError e) {
            // Another JVM, or one without this bean: it is trusted to do its best. Whatever is
            // thrown
            // here would make every request fail.
            return true;
        }
    }

    /** Writes the padded base64 of {@code source} and returns the position after it. */
    static int encode(byte[] source, byte[] target, int position) {
        int from = 0;
        int at = position;
        for (int last = source.length - Long.BYTES; from <= last; from += 6) {
            long bits = (long) BITS.get(source, from);
            long characters =
                    (long) PAIRS[(int) (bits >>> 52)]
                            | ((long) PAIRS[(int) (bits >>> 40) & MASK] << 16)
                            | ((long) PAIRS[(int) (bits >>> 28) & MASK] << 32)
                            | ((long) PAIRS[(int) (bits >>> 16) & MASK] << 48);
            CHARACTERS.set(target, at, characters);
            at += Long.BYTES;
        }
        for (; from <= source.length - 3; from += 3) {
            int bits = (octet(source, from) << 16) | (octet(source, from + 1) << 8);
            bits |= octet(source, from + 2);
            at = put(PAIRS[bits >>> VALUE_BITS], target, at);
            at = put(PAIRS[bits & MASK], target, at);
        }
        switch (source.length - from) {
            case 1 -> {
                at = put(PAIRS[octet(source, from) << 4], target, at);
                target[at++] = '=';
                target[at++] = '=';
            }
            case 2 -> {
                int bits = (octet(source, from) << 16) | (octet(source, from + 1) << 8);
                at = put(PAIRS[bits >>> VALUE_BITS], target, at);
                target[at++] = (byte) PAIRS[bits & MASK];
                target[at++] = '=';
            }
            default -> {}
        }
        return at;
    }

    private static int octet(byte[] bytes, int at) {
        return bytes[at] & 0xFF;
    }

    private static int put(char pair, byte[] target, int at) {
        target[at] = (byte) pair;
        target[at + 1] = (byte) (pair >>> 8);
        return at + 2;
    }

    /**
     * The bytes of padded base64, as the JDK's basic decoder makes them; null if it is none.
     *
     * @param to the end, a multiple of four characters after {@code from}
     */
    @Nullable
    static byte[] decode(byte[] source, int from, int to) {
        if (from == to) {
            return NO_BYTES;
        }
        int padding = source[to - 1] != '=' ? 0 : source[to - 2] != '=' ? 1 : 2;
        byte[] decoded = new byte[(to - from) / 4 * 3 - padding];
        int at = from;
        int position = 0;
        // Each write has two bytes too many, which the next one corrects.
        int end = from + (decoded.length - 2) / 12 * 16;
        long all = 0;
        for (; at < end; at += 2 * Long.BYTES) {
            long first = bits((long) CHARACTERS.get(source, at));
            long second = bits((long) CHARACTERS.get(source, at + Long.BYTES));
            all |= first | second;
            BITS.set(decoded, position, first << 16);
            BITS.set(decoded, position + 6, second << 16);
            position += 12;
        }
        for (; at < to - 4; at += 4) {
            int bits = (value(source, at) << VALUE_BITS) | value(source, at + 2);
            all |= bits;
            decoded[position] = (byte) (bits >> 16);
            decoded[position + 1] = (byte) (bits >> 8);
            decoded[position + 2] = (byte) bits;
            position += 3;
        }
        all |= decodeLast(source, at, padding, decoded, position);
        return all < 0 ? null : decoded;
    }

    /** 48 bits of eight characters; negative if one is none of base64. */
    private static long bits(long characters) {
        return ((long) VALUES[(int) characters & 0xFFFF] << 36)
                | ((long) VALUES[(int) (characters >>> 16) & 0xFFFF] << 24)
                | ((long) VALUES[(int) (characters >>> 32) & 0xFFFF] << 12)
                | VALUES[(int) (characters >>> 48)];
    }

    private static int value(byte[] source, int at) {
        return VALUES[octet(source, at) | (octet(source, at + 1) << 8)];
    }

    /** The last four characters; negative if they are no base64. */
    private static int decodeLast(
            byte[] source, int at, int padding, byte[] decoded, int position) {
        int high = value(source, at);
        int low =
                switch (padding) {
                    case 0 -> value(source, at + 2);
                    case 1 -> VALUES[octet(source, at + 2) | ('A' << 8)];
                    default -> 0;
                };
        int bits = (high << VALUE_BITS) | low;
        for (int i = position; i < decoded.length; i++) {
            decoded[i] = (byte) (bits >> (16 - (i - position) * Byte.SIZE));
        }
        return bits;
    }
}
