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

package io.v3io.flink.kafka.verify;

import javax.annotation.Nullable;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A hash of all records so far, that can go on from where it was. Not thread-safe. */
final class RollingHash {

    private static final int NONE = -1;

    private final MessageDigest digest;
    private byte[] value;

    RollingHash(String hexadecimal) {
        value = HexFormat.of().parseHex(hexadecimal);
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every JVM has SHA-256.", e);
        }
    }

    void add(
            long sequenceNumber,
            long arrivalTimeNanos,
            @Nullable byte[] key,
            byte[] data,
            @Nullable byte[] clientInfo) {
        digest.update(value);
        digest.update(
                ByteBuffer.allocate(2 * Long.BYTES)
                        .putLong(sequenceNumber)
                        .putLong(arrivalTimeNanos)
                        .flip());
        add(key);
        add(data);
        add(clientInfo);
        value = digest.digest();
    }

    private void add(@Nullable byte[] bytes) {
        digest.update(
                ByteBuffer.allocate(Integer.BYTES)
                        .putInt(bytes == null ? NONE : bytes.length)
                        .flip());
        if (bytes != null) {
            digest.update(bytes);
        }
    }

    String hexadecimal() {
        return HexFormat.of().formatHex(value);
    }
}
