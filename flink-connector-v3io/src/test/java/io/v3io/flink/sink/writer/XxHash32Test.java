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

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.Arrays;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

/** The numbers are those of Python's xxhash, which storey uses. */
class XxHash32Test {

    @ParameterizedTest
    @CsvSource({
        "'', 2cc5d05",
        "'a', 550d7456",
        "'abc', 32d153ff",
        "'abcd', a3643705",
        "'0123456789abcde', 1dbdfa0f",
        "'0123456789abcdef', c2c45b69",
        "'0123456789abcdef0', aa9118bd",
        "'Nobody inspects the spammish repetition', e2293b2f",
        "'a key of more than sixteen bytes', a61ffd8b"
    })
    void hashesAsThePublishedFunction(String text, String hash) {
        assertThat(Integer.toHexString(XxHash32.hash(text.getBytes(US_ASCII)))).isEqualTo(hash);
    }

    @Test
    void hashesEveryLength() {
        byte[] data = new byte[101];
        int generator = 0x9E3779B1;
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (generator >>> 24);
            generator *= generator;
        }
        int all = 0;
        for (int length = 0; length <= data.length; length++) {
            all = all * 31 + XxHash32.hash(Arrays.copyOf(data, length));
        }
        assertThat(Integer.toHexString(all)).isEqualTo("8a9bce1a");
    }

    /** The hash of this key is a negative int. */
    @Test
    void theHashIsUnsigned() {
        assertThat(XxHash32.shard("11", 7)).isEqualTo(6);
    }
}
