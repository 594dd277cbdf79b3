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

package io.v3io.flink.sink.writer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * The published hash function xxHash32, with the seed 0. A library for it would bring a hundred
 * times as much code into the SQL jar.
 */
final class XxHash32 {

    private static final VarHandle INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private static final int PRIME_1 = 0x9E3779B1;
    private static final int PRIME_2 = 0x85EBCA77;
    private static final int PRIME_3 = 0xC2B2AE3D;
    private static final int PRIME_4 = 0x27D4EB2F;
    private static final int PRIME_5 = 0x165667B1;

    private static final int STRIPE_BYTES = 16;

    private XxHash32() {}

    /** The shard of a key, where so many are. */
    static int shard(String key, int shardCount) {
        return Integer.remainderUnsigned(hash(key.getBytes(UTF_8)), shardCount);
    }

    /** An unsigned number of 32 bits. */
    static int hash(byte[] data) {
        int position = 0;
        int hash = PRIME_5;
        if (data.length >= STRIPE_BYTES) {
            // The sum of the first two primes, without its carry.
            int lane1 = 0x24234428;
            int lane2 = PRIME_2;
            int lane3 = 0;
            int lane4 = -PRIME_1;
            for (; position <= data.length - STRIPE_BYTES; position += STRIPE_BYTES) {
                lane1 = round(lane1, (int) INT.get(data, position));
                lane2 = round(lane2, (int) INT.get(data, position + 4));
                lane3 = round(lane3, (int) INT.get(data, position + 8));
                lane4 = round(lane4, (int) INT.get(data, position + 12));
            }
            hash =
                    Integer.rotateLeft(lane1, 1)
                            + Integer.rotateLeft(lane2, 7)
                            + Integer.rotateLeft(lane3, 12)
                            + Integer.rotateLeft(lane4, 18);
        }
        hash += data.length;
        for (; position <= data.length - 4; position += 4) {
            hash += (int) INT.get(data, position) * PRIME_3;
            hash = Integer.rotateLeft(hash, 17) * PRIME_4;
        }
        for (; position < data.length; position++) {
            hash += (data[position] & 0xFF) * PRIME_5;
            hash = Integer.rotateLeft(hash, 11) * PRIME_1;
        }
        hash = (hash ^ hash >>> 15) * PRIME_2;
        hash = (hash ^ hash >>> 13) * PRIME_3;
        return hash ^ hash >>> 16;
    }

    private static int round(int lane, int input) {
        return Integer.rotateLeft(lane + input * PRIME_2, 13) * PRIME_1;
    }
}
