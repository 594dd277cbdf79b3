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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutRecordsSize;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is written is what a general JSON reader understands, and has the size that was told. */
class PutRecordsEncoderTest {

    private static final int ROUNDS = 2_000;

    @Test
    void writesAnEmptyListAndEveryCombinationOfFields() {
        assertThat(encoded(List.of())).isEqualTo("{\"Records\":[]}");
        assertThat(
                        encoded(
                                List.of(
                                        PutRecord.of(new byte[0]),
                                        PutRecord.of(new byte[] {1})
                                                .withShardId(0)
                                                .withPartitionKey("k")
                                                .withClientInfo(new byte[] {2, 3}))))
                .isEqualTo(
                        "{\"Records\":[{\"Data\":\"\"},{\"Data\":\"AQ==\",\"ClientInfo\":\"AgM=\","
                                + "\"PartitionKey\":\"k\",\"ShardId\":0}]}");
    }

    @Test
    void randomRecordsAreReadBackByJacksonAndHaveTheToldSize() throws IOException {
        long seed = System.nanoTime();
        System.out.println("PutRecordsEncoderTest seed " + seed);
        Random random = new Random(seed);
        ObjectMapper jackson = new ObjectMapper();
        for (int round = 0; round < ROUNDS; round++) {
            List<PutRecord> records = new ArrayList<>();
            for (int i = random.nextInt(5); i >= 0; i--) {
                records.add(randomRecord(random));
            }

            byte[] body = PutRecordsEncoder.encode(records, BodyArrays.NEW).toBytes();

            assertThat((long) body.length)
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(PutRecordsSize.ofRequest(records));
            JsonNode read = jackson.readTree(body).get("Records");
            assertThat(read).hasSize(records.size());
            for (int i = 0; i < records.size(); i++) {
                assertSame(read.get(i), records.get(i));
            }
        }
    }

    @Test
    void anUnpairedSurrogateHasNoSizeAndSaysSo() {
        for (String key : List.of("\ud83d", "a\udc3a", "\udc3a\ud83d", "\ud83dx")) {
            assertThatThrownBy(
                            () ->
                                    PutRecord.of(new byte[0])
                                            .withPartitionKey(key)
                                            .encodedSizeBytes())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("unpaired surrogate at position");
        }
    }

    @Test
    void theSizeOfTheLargestArraysDoesNotOverflow() {
        assertThat(PutRecord.of(new byte[3]).encodedSizeBytes()).isEqualTo(15);
        assertThat(PutRecord.of(new byte[300_000_001]).encodedSizeBytes())
                .isEqualTo(11 + 400_000_004L);
    }

    private static void assertSame(JsonNode read, PutRecord record) throws IOException {
        assertThat(read.get("Data").binaryValue()).isEqualTo(record.data());
        assertThat(read.has("PartitionKey")).isEqualTo(record.partitionKey() != null);
        if (record.partitionKey() != null) {
            assertThat(read.get("PartitionKey").textValue()).isEqualTo(record.partitionKey());
        }
        assertThat(read.has("ClientInfo")).isEqualTo(record.clientInfo() != null);
        if (record.clientInfo() != null) {
            assertThat(read.get("ClientInfo").textValue())
                    .isEqualTo(Base64.getEncoder().encodeToString(record.clientInfo()));
        }
        assertThat(read.has("ShardId")).isEqualTo(record.shardId().isPresent());
        record.shardId().ifPresent(id -> assertThat(read.get("ShardId").intValue()).isEqualTo(id));
    }

    private static PutRecord randomRecord(Random random) {
        byte[] data = new byte[random.nextInt(random.nextInt(10) == 0 ? 20_000 : 80)];
        random.nextBytes(data);
        PutRecord record = PutRecord.of(data);
        if (random.nextBoolean()) {
            record = record.withPartitionKey(randomKey(random));
        }
        if (random.nextBoolean()) {
            record =
                    record.withShardId(
                            random.nextInt(random.nextBoolean() ? 20 : Integer.MAX_VALUE));
        }
        if (random.nextBoolean()) {
            byte[] info = new byte[random.nextInt(17)];
            random.nextBytes(info);
            record = record.withClientInfo(info);
        }
        return record;
    }

    private static String randomKey(Random random) {
        StringBuilder key = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> key.append((char) random.nextInt(0x20));
                case 1 -> key.append("\"\\/\u007f\u2028".charAt(random.nextInt(5)));
                case 2 -> key.append((char) (0x20 + random.nextInt(0x7E0)));
                case 3 -> key.append((char) (0xE000 + random.nextInt(0x2000)));
                default -> key.appendCodePoint(0x10000 + random.nextInt(0x100000));
            }
        }
        return key.toString();
    }

    private static String encoded(List<PutRecord> records) {
        return new String(
                PutRecordsEncoder.encode(records, BodyArrays.NEW).toBytes(),
                StandardCharsets.UTF_8);
    }
}
