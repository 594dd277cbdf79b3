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

package io.v3io.emulator.protocol;

import io.v3io.emulator.Assumptions;

/**
 * The errors of API page section 5, with those numbers that are not published taken from {@link
 * Assumptions}.
 */
public enum ApiError {
    INVALID_ARGUMENT(400, -201326592, "InvalidArgumentException"),
    SHARD_ID_OUT_OF_RANGE(400, -201326594, "ShardIDOutOfRangeException"),
    INVALID_SHARD_COUNT(400, Assumptions.INVALID_SHARD_COUNT_CODE, "InvalidShardCountException"),
    RESOURCE_IN_USE(
            Assumptions.RESOURCE_IN_USE_STATUS,
            Assumptions.RESOURCE_IN_USE_CODE,
            "ResourceInUseException"),
    RESOURCE_NOT_FOUND(404, Assumptions.RESOURCE_NOT_FOUND_CODE, "ResourceNotFoundException"),
    /** What Seek and GetRecords call a shard that has had no record yet. */
    UNBORN_SHARD(404, Assumptions.RESOURCE_NOT_FOUND_CODE, "ResourceNotFoundException"),
    CONTAINER_NOT_FOUND(404, -2, "Container not found"),
    NO_SUCH_FILE(404, -2, "No such file or directory"),
    /** What PutRecords calls a path that is something else than a stream. */
    RESOURCE_IS_NOT_STREAM(
            Assumptions.NOT_A_STREAM_STATUS, Assumptions.NOT_A_STREAM_CODE, "ResourceIsnotStream"),
    /** What the other stream operations call a path that is something else than a stream. */
    RESOURCE_NOT_STREAM(
            Assumptions.NOT_A_STREAM_STATUS,
            Assumptions.NOT_A_STREAM_CODE,
            "ResourceNotStreamException"),
    ILLEGAL_LOCATION(
            Assumptions.ILLEGAL_LOCATION_STATUS,
            Assumptions.ILLEGAL_LOCATION_CODE,
            Assumptions.ILLEGAL_LOCATION_NAME),
    UNAUTHORIZED(401, -13, "Permission denied"),
    PERMISSION_DENIED(403, -13, "Permission denied"),
    NOT_PERMITTED(403, -1, "Operation not permitted"),
    FALSE_CONDITION(400, -16777244, Assumptions.FALSE_CONDITION_NAME),
    DIRECTORY_NOT_EMPTY(Assumptions.DIRECTORY_NOT_EMPTY_STATUS, -39, "Directory not empty"),
    METHOD_NOT_ALLOWED(405, -1, "Operation not permitted"),
    RANGE_NOT_SATISFIABLE(416, -22, "Invalid argument"),
    INTERNAL(500, -5, "Input/output error"),
    OUT_OF_MEMORY(507, -12, "Cannot allocate memory");

    private final int status;
    private final int code;
    private final String symbolicName;

    ApiError(int status, int code, String symbolicName) {
        this.status = status;
        this.code = code;
        this.symbolicName = symbolicName;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The {@code ErrorCode} of the body. */
    public int code() {
        return code;
    }

    /** The {@code ErrorMessage} of the body. */
    public String symbolicName() {
        return symbolicName;
    }

    /** The code of a symbolic name, for record failures that a fault names. */
    public static int codeOf(String symbolicName) {
        for (ApiError error : values()) {
            if (error.symbolicName.equals(symbolicName)) {
                return error.code;
            }
        }
        return Assumptions.INJECTED_RECORD_FAILURE_CODE;
    }
}
