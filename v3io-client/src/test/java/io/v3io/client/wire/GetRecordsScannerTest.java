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
import io.v3io.client.model.StreamRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import javax.annotation.Nullable;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What the quick way of decoding takes on itself, and what it leaves to the parser. That both agree
 * is the other half: see {@link DecoderDifference}.
 */
class GetRecordsScannerTest {

    private static final String RECORD =
            "{\"ArrivalTimeSec\": 1700000000, \"ArrivalTimeNSec\": 999999999, \"SequenceNumber\": 41,"
                    + " \"ClientInfo\": \"AQI=\", \"PartitionKey\": \"k\", \"Data\": \"d29sZg==\"}";

    private static final String BATCH =
            "{\"NextLocation\": \"AQAB\", \"MSecBehindLatest\": 12, \"RecordsBehindLatest\": 34,"
                    + " \"Records\": ["
                    + RECORD
                    + "]}";

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "999      | 999",
                "\"AQI=\" | null",
                "\"k\"    | null",
                "\"k\"    | \"\"",
                "\"k\"    | \"\u00e9\u4e2d\ud83d\udc3a\"",
                "\"k\"    | \"a key of more than eight characters\"",
                "\"k\"    | \"k\", \"New\": \"text\"",
                "\"k\"    | \"k\", \"New\": 0, \"New\": 12",
                "\"k\"    | \"k\", \"New\": true, \"Newer\": false, \"Newest\": null",
                "12,      | 12, \"Extra\": \"text\",",
                "41       | 999999999999999999",
                "34       | 0",
                "d29sZg== | d29s",
                "d29sZg== | d29=",
                "d29sZg== | d29sZh==",
                "d29sZg== | ",
            })
    void takesEveryPlainBody(String from, @Nullable String to) {
        assertThat(scan(replaced(from, to))).isNotNull();
        assertThat(DecoderDifference.check(bytes(replaced(from, to)))).isTrue();
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"k\"    | \"\\u006b\"",
                "\"k\"    | \"\\\\\"",
                "Partit   | \\u0050artit",
                "\"k\"    | \"k\", \"New\": {}",
                "\"k\"    | \"k\", \"New\": -1",
                "\"k\"    | \"k\", \"New\": 1.5",
                "\"k\"    | \"k\", \"\u00e9\": 1",
                "41       | 9223372036854775807",
                "d29sZg== | d29s Zg==",
                "d29sZg== | d29\\u0073Zg==",
                "AQAB     | AQ\\/B",
            })
    void leavesTheRestToTheParserWhichTakesIt(String from, String to) {
        assertThat(scan(replaced(from, to))).isNull();
        assertThat(DecoderDifference.check(bytes(replaced(from, to)))).isTrue();
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "41       | 041",
                "41       | -0",
                "41       | 9223372036854775808",
                "41       | 4 1",
                "41       | ",
                "\"k\"    | \"k\", :1",
                "\"k\"    | \"k\", \"x\" \"y\":1",
                "\"Data\" | \"Data\" x\"",
                "\"k\"    | \"k\",",
                "\"k\"    | nul",
                "\"k\"    | nullx",
                "\"k\"    | \"k",
                "d29sZg== | d29sZg",
                "d29sZg== | d29sZ===",
                "d29sZg== | ====",
                "d29sZg== | d29_",
                "\"Data\" | \"Data\": \"\", \"Data\"",
                "[        | [,",
                "[        | [[",
                "}]}      | },]}",
                "}]}      | }]},",
                "}]}      | }]}x",
                "}]}      | }]",
            })
    void whatIsWrongIsLeftToTheParserWhichRefusesIt(String from, @Nullable String to) {
        assertThat(scan(replaced(from, to))).isNull();
        assertThat(DecoderDifference.check(bytes(replaced(from, to)))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n", "\t \r\n  "})
    void takesAnyWhiteSpaceBetweenTokens(String space) {
        String spaced = BATCH.replace(" ", "").replaceAll("[\\[\\]{}:,]", space + "$0" + space);
        assertThat(scan(spaced)).isNotNull();
        assertThat(DecoderDifference.check(bytes(spaced))).isTrue();
    }

    @Test
    void takesFieldsInAnyOrder() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> fields = new ArrayList<>(List.of(RECORD.replaceAll("[{}]", "").split(", ")));
        List<String> outer =
                new ArrayList<>(
                        List.of(
                                "\"NextLocation\":\"A\"",
                                "\"MSecBehindLatest\":1",
                                "\"RecordsBehindLatest\":2"));
        for (int round = 0; round < 200; round++) {
            Collections.shuffle(fields, random);
            Collections.shuffle(outer, random);
            List<String> all = new ArrayList<>(outer);
            all.add(
                    random.nextInt(4),
                    "\"Records\":[{" + String.join(",", fields).replace("41", "7") + "}]");
            String body = "{" + String.join(",", all) + "}";
            assertThat(scan(body)).as("seed %d: %s", seed, body).isNotNull();
            assertThat(DecoderDifference.check(bytes(body))).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void payloadsOfAnySizeAfterAnyOtherAreRead() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 300; round++) {
            // Few sizes, so that many payloads are where they are guessed to be, and many are not.
            int sizes = 1 + random.nextInt(4);
            StringBuilder records = new StringBuilder();
            int count = 1 + random.nextInt(40);
            for (int i = 1; i <= count; i++) {
                byte[] data = new byte[random.nextInt(sizes) * (1 + random.nextInt(2) * 60)];
                random.nextBytes(data);
                records.append(i == 1 ? "" : ",").append("{\"Data\":\"");
                records.append(Base64.getEncoder().encodeToString(data));
                records.append("\",\"SequenceNumber\":").append(i).append(",\"PartitionKey\":\"");
                records.append("k".repeat(random.nextInt(12))).append(random.nextInt(100));
                records.append("\",\"ArrivalTimeSec\":5,\"ArrivalTimeNSec\":6}");
            }
            String body = BATCH.replace(RECORD, records);
            RecordBatch batch = scan(body);
            assertThat(batch).as("seed %d, round %d", seed, round).isNotNull();
            assertThat(batch.records()).as("seed %d", seed).hasSize(count);
            assertThat(DecoderDifference.check(bytes(body))).as("seed %d", seed).isTrue();
        }
    }

    @Test
    void recordsOfOneKeyShareItsText() {
        StringBuilder records = new StringBuilder();
        for (int i = 1; i <= 20; i++) {
            records.append(i == 1 ? "" : ",");
            records.append(RECORD.replace("41", "" + i).replace("\"k\"", "\"key-" + i % 2 + '"'));
        }
        List<StreamRecord> read = scan(BATCH.replace(RECORD, records)).records();
        for (int i = 2; i < 20; i++) {
            assertThat(read.get(i).partitionKey())
                    .isEqualTo("key-" + (i + 1) % 2)
                    .isSameAs(read.get(i - 2).partitionKey());
        }
    }

    @Test
    void changedBodiesAreReadAsTheParserReadsThem() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] original = bytes(BATCH.replace(RECORD, RECORD + "," + RECORD.replace("41", "42")));
        byte[] wanted = bytes("\"\\{}[]:, \n0123456789-+.eEntfAZ=/_\u00e9\u0000\ufeff");
        int right = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] body = original.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                body[random.nextInt(body.length)] = wanted[random.nextInt(wanted.length)];
            }
            if (random.nextInt(8) == 0) {
                body = Arrays.copyOf(body, random.nextInt(body.length));
            }
            try {
                right += DecoderDifference.check(body) ? 1 : 0;
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
        // Or nothing but refusals would have been compared.
        assertThat(right).as("seed %d", seed).isGreaterThan(1_000);
    }

    @Test
    void whatLiesBehindTheBodyIsNotRead() {
        byte[] body = bytes(BATCH);
        for (int length = 0; length < body.length; length++) {
            assertThat(new GetRecordsScanner(DecoderDifference.SHARD, body, length).scan())
                    .as("%d bytes", length)
                    .isNull();
        }
    }

    @Test
    void otherEncodingsAreLeftToTheParser() {
        assertThat(DecoderDifference.check(bytes("\ufeff" + BATCH))).isTrue();
        assertThat(DecoderDifference.check(bytes(BATCH + "\u0000"))).isFalse();
        for (Charset charset :
                List.of(
                        StandardCharsets.UTF_16,
                        StandardCharsets.UTF_16BE,
                        StandardCharsets.UTF_16LE,
                        Charset.forName("UTF-32BE"),
                        Charset.forName("UTF-32LE"))) {
            assertThat(DecoderDifference.check(BATCH.getBytes(charset))).as("%s", charset).isTrue();
        }
    }

    private static String replaced(String from, @Nullable String to) {
        String body =
                BATCH.replaceFirst(
                        Pattern.quote(from), Matcher.quoteReplacement(to == null ? "" : to));
        assertThat(BATCH).contains(from);
        return body;
    }

    @Nullable
    private static RecordBatch scan(String body) {
        byte[] bytes = bytes(body);
        return new GetRecordsScanner(DecoderDifference.SHARD, bytes, bytes.length).scan();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
