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

package io.v3io.flink.deadletter;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.time.Instant;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class DeadLetterTest {

    private static final DeadLetter LETTER =
            new DeadLetter(
                    "http://host:8081",
                    "users/me/größe",
                    4_095,
                    Long.MAX_VALUE,
                    Instant.parse("2026-11-30T04:11:06.000000001Z"),
                    null,
                    null,
                    "a.B",
                    "",
                    1,
                    2,
                    5,
                    new byte[0]);

    @Test
    void isReadAsItWasWritten() throws IOException {
        assertThat(DeadLetter.fromJson(LETTER.toJson()))
                .usingRecursiveComparison()
                .isEqualTo(LETTER);
    }

    @Test
    void namesThatAreNotKnownArePassedOver() throws IOException {
        String json = new String(LETTER.toJson(), UTF_8);
        String more = "{\"later\":{\"a\":[1,{\"b\":null}]}," + json.substring(1);

        assertThat(DeadLetter.fromJson(more.getBytes(UTF_8)))
                .usingRecursiveComparison()
                .isEqualTo(LETTER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"dead_letter\":2}",
                "{\"dead_letter\":1}",
                "{\"dead_letter\":1,\"arrival_time\":\"today\"}",
                "{\"dead_letter\":1"
            })
    void anythingElseIsRefused(String json) {
        assertThatThrownBy(() -> DeadLetter.fromJson(json.getBytes(UTF_8)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void showsNeitherDataNorReason() {
        DeadLetter letter =
                new DeadLetter(
                        "http://h:1",
                        "a/b",
                        0,
                        1L,
                        Instant.EPOCH,
                        "key",
                        "info".getBytes(UTF_8),
                        "a.B",
                        "reason",
                        1,
                        1,
                        4,
                        "data".getBytes(UTF_8));

        assertThat(letter.toString())
                .contains("stream=a/b", "shard=0", "sequenceNumber=1", "dataBytes=4")
                .doesNotContain("reason", "key");
    }
}
