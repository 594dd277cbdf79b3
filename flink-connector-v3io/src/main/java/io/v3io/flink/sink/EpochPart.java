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

package io.v3io.flink.sink;

/**
 * Some records of an epoch, in the order they were written in, as {@link EpochRecords} has them.
 */
sealed interface EpochPart {

    /** Bytes of the encoded records. */
    int length();

    /**
     * Records that travel in the committable itself.
     *
     * @param bytes not copied
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Inline(byte[] bytes) implements EpochPart {

        @Override
        public int length() {
            return bytes.length;
        }

        @Override
        public String toString() {
            return "Inline{" + bytes.length + " bytes}";
        }
    }

    /**
     * Records in an object of the staging directory.
     *
     * @param container its container
     * @param path its path in the container
     * @param crc CRC-32C of its bytes
     */
    record Staged(String container, String path, int length, int crc) implements EpochPart {}
}
