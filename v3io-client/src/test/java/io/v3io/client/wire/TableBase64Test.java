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

import io.v3io.client.model.RecordBatch;

import org.junit.jupiter.api.Test;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** The JDK is the judge. */
class TableBase64Test {

    private static final int LONGEST = 200;

    @Test
    void everyLengthIsEncodedAsByTheJdkAndNothingAroundItIsTouched() {
        Random random = new Random(11);
        for (int length = 0; length <= LONGEST; length++) {
            byte[] source = randomBytes(random, length);
            byte[] expected = Base64.getEncoder().encode(source);
            byte[] target = new byte[expected.length + 5];

            int end = TableBase64.encode(source, target, 3);

            assertThat(end).isEqualTo(3 + expected.length);
            assertThat(target).as("%d bytes", length).isEqualTo(between(3, expected, 2));
        }
    }

    @Test
    void everyLengthIsDecodedAsByTheJdk() {
        Random random = new Random(12);
        for (int length = 0; length <= LONGEST; length++) {
            byte[] data = randomBytes(random, length);
            byte[] text = Base64.getEncoder().encode(data);
            byte[] body = between(7, text, 0);

            assertThat(TableBase64.decode(body, 7, 7 + text.length))
                    .as("%d bytes", length)
                    .isEqualTo(data);
        }
    }

    @Test
    void everyCharacterAtEveryPlaceIsJudgedAsByTheJdk() {
        Random random = new Random(13);
        for (int length : new int[] {1, 2, 3, 16, 17, 18, 40}) {
            byte[] text = Base64.getEncoder().encode(randomBytes(random, length));
            for (int at = 0; at < text.length; at++) {
                for (int character = 0; character < 256; character++) {
                    byte[] damaged = text.clone();
                    damaged[at] = (byte) character;
                    assertThat(TableBase64.decode(damaged, 0, damaged.length))
                            .as("%d at %d of %d bytes", character, at, length)
                            .isEqualTo(decodedByTheJdk(damaged));
                }
            }
        }
    }

    @Test
    void tablesAreUsedWhereTheJdkHasNoInstructionsForIt() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:-UseBASE64Intrinsics",
                                "-cp",
                                System.getProperty("java.class.path"),
                                TableBase64Test.class.getName())
                        .redirectErrorStream(true)
                        .start();

        String output = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("tables: true, bodies read: 100");
    }

    /** Reads bodies with payloads of many sizes, as the parser reads them. */
    public static void main(String[] args) throws MalformedAnswerException {
        Random random = new Random(14);
        Base64Writer writer = new Base64Writer();
        int read = 0;
        for (int size = 0; size < 100; size++) {
            byte[] data = randomBytes(random, size * 17);
            byte[] text = new byte[Base64.getEncoder().encode(data).length];
            int unused = writer.write(data, text, 0);
            byte[] body =
                    ("{\"NextLocation\":\"A\",\"MSecBehindLatest\":0,\"RecordsBehindLatest\":0,"
                                    + "\"Records\":[{\"ArrivalTimeSec\":1,\"ArrivalTimeNSec\":2,"
                                    + "\"SequenceNumber\":3,\"Data\":\""
                                    + new String(text, UTF_8)
                                    + "\"}]}")
                            .getBytes(UTF_8);
            RecordBatch batch =
                    new GetRecordsScanner(DecoderDifference.SHARD, body, body.length).scan();
            if (batch != null && Arrays.equals(batch.records().get(0).data(), data)) {
                read++;
            }
        }
        System.out.println("tables: " + TableBase64.IS_FASTER + ", bodies read: " + read);
    }

    private static byte[] randomBytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] between(int before, byte[] bytes, int after) {
        byte[] all = new byte[before + bytes.length + after];
        System.arraycopy(bytes, 0, all, before, bytes.length);
        return all;
    }

    @Nullable
    private static byte[] decodedByTheJdk(byte[] text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
