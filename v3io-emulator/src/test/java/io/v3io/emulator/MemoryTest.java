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

package io.v3io.emulator;

import io.netty.buffer.UnpooledByteBufAllocator;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * The memory of records is given back: segments live outside the heap, where no garbage collector
 * would find a leak.
 */
class MemoryTest {
    private static final int MEGABYTE = 1 << 20;
    private static final String TEXT = "x".repeat(MEGABYTE);

    /**
     * Constants that codecs make once; far less than the smallest segment, so that no leak hides in
     * it.
     */
    private static final int CONSTANTS = 1024;

    private static long used() {
        return UnpooledByteBufAllocator.DEFAULT.metric().usedDirectMemory();
    }

    private static void awaitAtMost(long bytes) {
        await().untilAsserted(() -> assertThat(used()).isLessThanOrEqualTo(bytes));
    }

    @Test
    void trimmingDeletingAndClosingGiveMemoryBack() throws Exception {
        long before = used();
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start()) {
            RawClient client = new RawClient(emulator.endpoint());
            client.createStream("/c/s", 2);
            for (int i = 0; i < 30; i++) {
                client.put("/c/s", i % 2, TEXT);
            }
            assertThat(used()).isGreaterThan(before + 30L * MEGABYTE);
            client.read("/c/s/0", client.seek("/c/s/0", "EARLIEST"), 1000);

            emulator.trimShard("c/s", 0, Long.MAX_VALUE);
            awaitAtMost(before + 30L * MEGABYTE);
            client.method("DELETE", "/c/s/1", null);
            awaitAtMost(before + MEGABYTE);
            client.put("/c/s", 0, TEXT);
            assertThat(used()).isGreaterThan(before + MEGABYTE);
        }
        awaitAtMost(before + CONSTANTS);
    }

    @Test
    void recordsThatFindNoMemoryFailUntilThereIsRoomAgain() throws Exception {
        try (V3ioEmulator emulator =
                V3ioEmulator.builder()
                        .containersOnDemand(true)
                        .recordMemory(16L * MEGABYTE)
                        .start()) {
            RawClient client = new RawClient(emulator.endpoint());
            client.createStream("/c/s", 2);
            int stored = 0;
            RawClient.Reply put = client.put("/c/s", 0, TEXT);
            while (put.json().get("FailedRecordCount").asInt() == 0) {
                stored++;
                put = client.put("/c/s", 0, TEXT);
            }
            assertThat(stored).isBetween(7, 12);
            assertThat(put.status()).isEqualTo(200);
            assertThat(put.json().at("/Records/0/ErrorMessage").asText())
                    .isEqualTo("Cannot allocate memory");
            assertThat(put.json().at("/Records/0/ErrorCode").asInt()).isEqualTo(-12);
            assertThat(emulator.stream("c/s").recordCount()).isEqualTo(stored);
            client.put("/c/s", 0, "small", TEXT, TEXT, TEXT);
            assertThat(emulator.stream("c/s").recordCount())
                    .as("all of a shard or none")
                    .isEqualTo(stored);

            emulator.trimShard("c/s", 0, stored);
            put = client.put("/c/s", 0, TEXT);
            assertThat(put.json().at("/Records/0/SequenceNumber").asLong()).isEqualTo(stored + 1);
        }
    }

    @Test
    void anAnswerOnItsWayOutlivesItsRecords() throws Exception {
        long before = used();
        try (V3ioEmulator emulator = V3ioEmulator.builder().containersOnDemand(true).start()) {
            RawClient client = new RawClient(emulator.endpoint());
            client.createStream("/c/s", 1);
            for (int i = 0; i < 6; i++) {
                client.put("/c/s", 0, TEXT);
            }
            String body = "{\"Location\":\"" + client.seek("/c/s/0", "EARLIEST") + "\"}";
            try (RawSocket slow = new RawSocket(emulator.endpoint())) {
                // Too much for the sockets' buffers: most of it waits in the emulator until we
                // read.
                slow.send(
                        "PUT /c/s/0 HTTP/1.1\r\nX-v3io-function: GetRecords\r\nContent-Length: "
                                + body.length()
                                + "\r\n\r\n"
                                + body);
                await().until(() -> emulator.requestCount(Operation.GET_RECORDS) == 1);
                client.method("DELETE", "/c/s/0", null);
                String received = slow.receive().body();
                assertThat(received).contains("\"RecordsBehindLatest\":0").endsWith("\"}]}");
                assertThat(received.length()).isGreaterThan(8 * MEGABYTE);
            }
        }
        awaitAtMost(before + CONSTANTS);
    }
}
