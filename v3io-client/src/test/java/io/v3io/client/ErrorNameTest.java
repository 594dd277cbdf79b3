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

package io.v3io.client;

import io.v3io.client.model.PutResult;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class ErrorNameTest {

    @ParameterizedTest
    @CsvSource({
        "IllegalLocation,                           ILLEGAL_LOCATION",
        "IllegalLocationException,                  ILLEGAL_LOCATION",
        "the location: IllegalLocationException!,   ILLEGAL_LOCATION",
        "ResourceInUseException,                    RESOURCE_IN_USE",
        "ResourceIsnotStream,                       NOT_A_STREAM",
        "ResourceNotStreamException,                NOT_A_STREAM",
        "ResourceNotFoundException,                 RESOURCE_NOT_FOUND",
        "RESOURCE_NOT_FOUND,                        RESOURCE_NOT_FOUND",
        "Container not found,                       CONTAINER_NOT_FOUND",
        "No such file or directory,                 NO_SUCH_FILE",
        "Permission denied,                         PERMISSION_DENIED",
        "Operation not permitted,                   PERMISSION_DENIED",
        "ShardIDOutOfRangeException,                SHARD_OUT_OF_RANGE",
        "InvalidShardCountException,                INVALID_SHARD_COUNT",
        "InvalidArgumentException,                  INVALID_ARGUMENT",
        "False condition,                           FALSE_CONDITION",
        "InvalidTimeout,                            UNKNOWN",
        "Timeout of something that does not pass,   UNKNOWN",
        "Exception,                                 UNKNOWN",
        "'',                                        UNKNOWN"
    })
    void readsWhatTheServerSays(String symbolicName, ErrorName expected) {
        assertThat(ErrorName.of(symbolicName)).isEqualTo(expected);
        PutResult.Failed failed = new PutResult.Failed(-1, symbolicName);
        assertThat(failed.errorName()).isEqualTo(expected);
        assertThat(failed.kind()).isEqualTo(expected.kind());
    }

    @Test
    void noNameIsUnknown() {
        assertThat(ErrorName.of(null)).isEqualTo(ErrorName.UNKNOWN);
        assertThat(ErrorName.UNKNOWN.kind()).isEqualTo(V3ioException.Kind.UNEXPECTED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Resource temporarily unavailable",
                "RESOURCE_TEMPORARILY_UNAVAILABLE",
                "Device or resource busy",
                "Connection timed out",
                "ServiceUnavailable",
                "ServiceUnavailableException",
                "InternalError",
                "Throttled",
                "ThrottlingException",
                "ProvisionedThroughputExceededException",
                "Too Many Requests",
                "Timeout",
                "Failed to send a control message request"
            })
    void knowsWhatPasses(String symbolicName) {
        assertThat(ErrorName.of(symbolicName).kind().isTransient()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "InvalidArgumentException",
                "ShardIDOutOfRangeException",
                "Permission denied",
                "Operation not permitted",
                "ResourceNotFoundException",
                "ResourceIsnotStream",
                "ResourceNotStreamException",
                "No such file or directory",
                "NobodyHasEverSeenThisException",
                "Exception",
                ""
            })
    void takesPublishedAndUnknownNamesForLasting(String symbolicName) {
        assertThat(ErrorName.of(symbolicName).kind().isTransient()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SlowDown",
                "Throttled",
                "ThrottlingException",
                "Too Many Requests",
                "LimitExceededException",
                "ProvisionedThroughputExceededException"
            })
    void knowsWhoIsAskedForTooMuch(String symbolicName) {
        assertThat(ErrorName.of(symbolicName)).isEqualTo(ErrorName.THROTTLED);
        assertThat(ErrorName.THROTTLED.kind().isTransient()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Timeout", "ServiceUnavailable", "ShardIDOutOfRangeException", ""})
    void takesNoOtherNameForThrottling(String symbolicName) {
        assertThat(ErrorName.of(symbolicName)).isNotEqualTo(ErrorName.THROTTLED);
    }
}
