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

import io.v3io.client.model.PutRecord;
import io.v3io.emulator.StoredRecord;

import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.util.ExceptionUtils;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import static io.v3io.flink.sink.EmulatedSink.STREAM;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What the functions of a user return. */
@Timeout(60)
class V3ioSinkUserCodeTest {

    private static final String DEAD_LETTERS = "users/me/dead letters";

    /** A line break that would begin a line of its own in a log, data, and no end. */
    private static final String MADE_NAME =
            "users/me/confidential\n2026-01-01 ERROR forged" + "x".repeat(100_000);

    /** What the handlers got; they run in the test's thread. */
    private static final List<InvalidRecord> HANDED_OVER = new ArrayList<>();

    private static final byte[] SAME_ARRAY = new byte[4];

    @AutoClose private final EmulatedSink sink = new EmulatedSink(System.nanoTime());

    @BeforeEach
    void createStream() {
        HANDED_OVER.clear();
        sink.createStream(STREAM, 1);
    }

    @Test
    void noErrorShowsTheNameThatASelectorMade() {
        sink.open(b -> b.setStreams(List.of(STREAM)).setStreamSelector(e -> MADE_NAME));
        assertThatThrownBy(() -> sink.write(List.of("wolf")))
                .hasMessageContainingAll("setStreamSelector", "100045 characters", STREAM)
                .satisfies(V3ioSinkUserCodeTest::showsNothingOfTheName);
    }

    @Test
    void aHandlerGetsTheNameThatASelectorMade() throws Exception {
        sink.open(
                b ->
                        b.setStreams(List.of(STREAM))
                                .setStreamSelector(e -> MADE_NAME)
                                .setInvalidRecordHandler(
                                        invalid -> {
                                            HANDED_OVER.add(invalid);
                                            return null;
                                        }));
        sink.write(List.of("wolf"));
        assertThat(HANDED_OVER).hasSize(1);
        assertThat(HANDED_OVER.get(0).stream()).isEqualTo(MADE_NAME);
        assertThat(HANDED_OVER.get(0).toString()).doesNotContain("confidential", "forged", "xxxx");
    }

    @Test
    void aSchemaMayUseItsArrayAgain() throws Exception {
        sink.open(b -> b.setSerializationSchema(new SameArraySchema()));
        sink.write(List.of("0001", "0002", "0003", "0004"));
        sink.flush();
        assertThat(sink.stored(STREAM)).containsExactly("0001", "0002", "0003", "0004");
    }

    @Test
    void aSelectorOfClientInfoMayUseItsArrayAgain() throws Exception {
        sink.open(b -> b.setClientInfo(V3ioSinkUserCodeTest::inSameArray));
        sink.write(List.of("0001", "0002", "0003", "0004"));
        sink.flush();
        assertThat(sink.emulator().stream(STREAM).records(0))
                .extracting(record -> new String(record.clientInfo(), UTF_8))
                .containsExactly("0001", "0002", "0003", "0004");
    }

    @Test
    void aHandlerMayUseItsArraysAgain() throws Exception {
        sink.createStream(DEAD_LETTERS, 1);
        sink.open(
                b ->
                        b.setShardId(e -> -1)
                                .setInvalidRecordHandler(
                                        invalid -> {
                                            byte[] same =
                                                    inSameArray(
                                                            new String(
                                                                    invalid.record().data(),
                                                                    UTF_8));
                                            return PutRecord.of(same).withClientInfo(same);
                                        })
                                .setDeadLetterStream(DEAD_LETTERS));
        sink.write(List.of("0001", "0002", "0003", "0004"));
        sink.flush();
        List<StoredRecord> letters = sink.emulator().stream(DEAD_LETTERS).records(0);
        assertThat(letters)
                .extracting(record -> new String(record.data(), UTF_8))
                .containsExactly("0001", "0002", "0003", "0004");
        assertThat(letters)
                .extracting(record -> new String(record.clientInfo(), UTF_8))
                .containsExactly("0001", "0002", "0003", "0004");
    }

    private static byte[] inSameArray(String element) {
        System.arraycopy(element.getBytes(UTF_8), 0, SAME_ARRAY, 0, SAME_ARRAY.length);
        return SAME_ARRAY;
    }

    private static void showsNothingOfTheName(Throwable error) {
        String text = ExceptionUtils.stringifyException(error);
        assertThat(text).doesNotContain("confidential", "forged", "xxxx");
        assertThat(Arrays.stream(text.split("\n")).mapToInt(String::length).max().orElse(0))
                .isLessThan(1_000);
    }

    /** Fills one array again and again. */
    private static final class SameArraySchema implements SerializationSchema<String> {

        private static final long serialVersionUID = 1L;

        private final byte[] array = new byte[4];

        @Override
        public byte[] serialize(String element) {
            System.arraycopy(element.getBytes(UTF_8), 0, array, 0, array.length);
            return array;
        }
    }
}
