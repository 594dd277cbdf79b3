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

package io.v3io.emulator.store;

import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.zip.CRC32C;

/**
 * Where a reader is: what a client gets as an opaque text from Seek and GetRecords.
 *
 * @param owner what it is a location of: the shard's incarnation, a number which no other shard
 *     ever has, so that a location dies with its shard; or its {@link #ownerByName}
 * @param sequence the next record's number
 * @param epoch how often the shard's locations had been expired when this one was made
 * @param variant nothing; makes the text another one
 */
record Location(long owner, long sequence, int epoch, int variant) {
    /** Ends in {@code ==} as base64, as the recorded ones do. */
    private static final int BYTES = 28;

    private static final int CHECKED_BYTES = BYTES - Integer.BYTES;

    /**
     * The text for clients. A checksum makes a text that somebody computed as dead as one that has
     * expired.
     */
    String encode() {
        ByteBuffer bytes =
                ByteBuffer.allocate(BYTES)
                        .putLong(owner)
                        .putLong(sequence)
                        .putInt(epoch)
                        .putInt(variant);
        return Base64.getEncoder().encodeToString(bytes.putInt(checksum(bytes.array())).array());
    }

    /**
     * Understands the text again.
     *
     * @throws ApiException illegal location, when the emulator never handed it out
     */
    static Location decode(String text) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            throw ApiException.invalidArgument("Location is not base64: " + e.getMessage());
        }
        if (bytes.length != BYTES
                || ByteBuffer.wrap(bytes).getInt(CHECKED_BYTES) != checksum(bytes)) {
            throw new ApiException(
                    ApiError.ILLEGAL_LOCATION, "no Seek or GetRecords returned this location");
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Location(buffer.getLong(), buffer.getLong(), buffer.getInt(), buffer.getInt());
    }

    /**
     * An owner that every shard of this name has, so that a location outlives its stream. Negative,
     * which no incarnation is.
     */
    static long ownerByName(String container, String stream, int shard) {
        CRC32C checksum = new CRC32C();
        checksum.update((container + "/" + stream + "/" + shard).getBytes(StandardCharsets.UTF_8));
        return -1 - checksum.getValue();
    }

    private static int checksum(byte[] bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(bytes, 0, CHECKED_BYTES);
        return (int) checksum.getValue();
    }
}
