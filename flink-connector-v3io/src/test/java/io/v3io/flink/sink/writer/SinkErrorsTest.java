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

import io.v3io.client.ErrorName;
import io.v3io.client.Operation;
import io.v3io.client.V3ioException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class SinkErrorsTest {

    @ParameterizedTest
    @ValueSource(strings = {"InvalidArgumentException", "ShardIDOutOfRangeException"})
    void blamesTheRecordForWhatOnlyAnotherRecordCanAvoid(String symbolicName) {
        assertThat(SinkErrors.isOfRecord(ErrorName.of(symbolicName))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Permission denied",
                "ResourceNotFoundException",
                "ResourceIsnotStream",
                "NobodyHasEverSeenThisException",
                ""
            })
    void blamesNoRecordForWhatConcernsAll(String symbolicName) {
        assertThat(SinkErrors.isOfRecord(ErrorName.of(symbolicName))).isFalse();
    }

    @ParameterizedTest
    @EnumSource(V3ioException.Kind.class)
    void tellsWhatHappenedAndGivesAdviceOnce(V3ioException.Kind kind) {
        String told =
                SinkErrors.told(
                        V3ioException.of(kind, Operation.PUT_RECORDS, "users/me/s", "It failed.")
                                .advice("Ask the client.")
                                .build());
        assertThat(told).startsWith("It failed. ").endsWith(".").doesNotContain("  ");
        switch (kind) {
            case NOT_FOUND, NOT_A_STREAM, INVALID_ARGUMENT, REQUEST_TOO_LARGE ->
                    assertThat(told).doesNotContain("Ask the client.");
            case UNAVAILABLE,
                    TRANSPORT,
                    MALFORMED_RESPONSE,
                    RESPONSE_TOO_LARGE,
                    UNMATCHED_RESULTS ->
                    assertThat(told).startsWith("It failed. Ask the client. T");
            default -> assertThat(told).isEqualTo("It failed. Ask the client.");
        }
    }

    @ParameterizedTest
    @EnumSource(ErrorName.class)
    void hasAdviceForEveryNameOfAnError(ErrorName name) {
        assertThat(SinkErrors.advice(name)).endsWith(".");
    }
}
