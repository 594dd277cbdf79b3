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

import java.util.Objects;

/**
 * A request that is answered with an error. It has no stack trace: it is an answer, not a fault of
 * the emulator.
 */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ApiError error;

    /**
     * An error with an explanation for people.
     *
     * @param detail what exactly was wrong; sent in the extra field {@code ErrorDetail}, because
     *     {@code ErrorMessage} is the symbolic name
     */
    public ApiException(ApiError error, String detail) {
        super(Objects.requireNonNull(detail), null, false, false);
        this.error = Objects.requireNonNull(error);
    }

    /** Which of the API's errors this is. */
    public ApiError error() {
        return error;
    }

    /** A request with a bad parameter. */
    public static ApiException invalidArgument(String detail) {
        return new ApiException(ApiError.INVALID_ARGUMENT, detail);
    }
}
