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

package io.v3io.client.http;

import io.v3io.client.Operation;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.wire.ErrorBody;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import javax.annotation.Nullable;

import static org.assertj.core.api.Assertions.assertThat;

/** The table of section 5 of the protocol, and what gateways answer. */
class AnswerClassifierTest {

    @ParameterizedTest(name = "{0} {1} {2} of {3} is {4}")
    @CsvSource({
        "400, -201326592, InvalidArgumentException, SEEK, INVALID_ARGUMENT",
        "400, -201326594, ShardIDOutOfRangeException, SEEK, INVALID_ARGUMENT",
        "400, 0, InvalidShardCountException, UPDATE_STREAM, INVALID_ARGUMENT",
        "400, 5, , GET_RECORDS, INVALID_ARGUMENT",
        "400, 0, , GET_RECORDS, UNEXPECTED",
        "400, 0, ResourceNotFoundException, SEEK, NOT_FOUND",
        "400, 0, ResourceNotFoundException, PUT_RECORDS, NOT_FOUND",
        "400, 0, ResourceNotFoundException, LIST, NOT_FOUND",
        "400, 0, ResourceInUse, UPDATE_STREAM, ALREADY_EXISTS",
        "404, 0, Container not found, LIST, NOT_FOUND",
        "503, 0, ResourceNotFoundException, SEEK, UNAVAILABLE",
        "409, 0, ResourceInUseException, CREATE_STREAM, ALREADY_EXISTS",
        "400, 0, ResourceInUseException, CREATE_STREAM, ALREADY_EXISTS",
        "409, 0, , CREATE_STREAM, ALREADY_EXISTS",
        "409, 0, , DELETE_OBJECT, UNEXPECTED",
        "404, 0, ResourceNotFoundException, DESCRIBE_STREAM, NOT_FOUND",
        "400, 0, ResourceNotFoundException, DESCRIBE_STREAM, NOT_FOUND",
        "404, -2, No such file or directory, GET_ITEM, NOT_FOUND",
        "404, -2, , LIST, NOT_FOUND",
        "404, 0, , LIST, UNAVAILABLE",
        "404, 0, , DESCRIBE_STREAM, UNAVAILABLE",
        "400, 0, ResourceIsnotStream, PUT_RECORDS, NOT_A_STREAM",
        "404, 0, ResourceNotStreamException, UPDATE_STREAM, NOT_A_STREAM",
        "400, 0, IllegalLocation, GET_RECORDS, ILLEGAL_LOCATION",
        "400, 0, IllegalLocationException, GET_RECORDS, ILLEGAL_LOCATION",
        "500, 0, IllegalLocationException, GET_RECORDS, ILLEGAL_LOCATION",
        "403, -13, Permission denied, GET_RECORDS, PERMISSION_DENIED",
        "403, -1, Operation not permitted, PUT_RECORDS, PERMISSION_DENIED",
        "401, 0, , PUT_RECORDS, PERMISSION_DENIED",
        "400, -16777244, , PUT_ITEM, CONDITION_FAILED",
        "400, -16777244, anything, PUT_ITEM, CONDITION_FAILED",
        "400, 0, False condition, PUT_ITEM, CONDITION_FAILED",
        "408, 0, , GET_RECORDS, UNAVAILABLE",
        "429, 0, , PUT_RECORDS, UNAVAILABLE",
        "500, 0, , GET_RECORDS, UNAVAILABLE",
        "502, 0, , GET_RECORDS, UNAVAILABLE",
        "503, 0, , GET_RECORDS, UNAVAILABLE",
        "504, 0, , GET_RECORDS, UNAVAILABLE",
        "405, 0, , GET_RECORDS, UNEXPECTED",
        "413, 0, , PUT_RECORDS, REQUEST_TOO_LARGE",
        "301, 0, , GET_RECORDS, UNEXPECTED",
        "307, 0, IllegalLocation, GET_RECORDS, UNEXPECTED"
    })
    void classifies(int status, int code, String name, Operation operation, Kind kind) {
        assertThat(classified(operation, status, code, name)).isEqualTo(kind);
    }

    @Test
    void anUnpublishedNumberDecidesNothing() {
        for (int code : new int[] {-1, -2, -13, -201326592, 1, Integer.MIN_VALUE}) {
            assertThat(classified(Operation.GET_RECORDS, 503, code, null))
                    .isEqualTo(Kind.UNAVAILABLE);
            assertThat(classified(Operation.GET_RECORDS, 404, code, null))
                    .isEqualTo(Kind.NOT_FOUND);
        }
    }

    private static Kind classified(
            Operation operation, int status, int code, @Nullable String name) {
        boolean isOfApi = name != null || code != 0;
        return AnswerClassifier.classify(operation, status, new ErrorBody(isOfApi, code, name, ""));
    }
}
