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

import io.v3io.client.ErrorName;
import io.v3io.client.Operation;
import io.v3io.client.V3ioException.Kind;
import io.v3io.client.wire.ErrorBody;

/**
 * Says what an answer other than success means, by its status and its {@link ErrorName}. Where the
 * API publishes no status, the name decides alone; where it publishes no name, the status does. The
 * only number that counts is that of a false condition, which public clients look for.
 *
 * <p>What somebody on the way has written, such as a gateway, says nothing about a stream or a
 * record: neither that it is missing nor that it is wrong.
 */
final class AnswerClassifier {

    private static final int FALSE_CONDITION = -16777244;

    private AnswerClassifier() {}

    static Kind classify(Operation operation, int status, ErrorBody error) {
        if (status < 400) {
            return Kind.UNEXPECTED;
        }
        ErrorName name = ErrorName.of(error.symbolicName());
        return switch (name) {
            // The statuses of these are not published, or differ by version.
            case ILLEGAL_LOCATION, RESOURCE_IN_USE, NOT_A_STREAM -> name.kind();
            case RESOURCE_NOT_FOUND -> status < 500 ? name.kind() : Kind.UNAVAILABLE;
            default -> byStatus(operation, status, error, name);
        };
    }

    private static Kind byStatus(Operation operation, int status, ErrorBody error, ErrorName name) {
        return switch (status) {
            case 400 -> badRequest(error, name);
            case 401, 403 -> Kind.PERMISSION_DENIED;
            case 404 -> error.isOfApi() ? Kind.NOT_FOUND : Kind.UNAVAILABLE;
            case 408, 429 -> Kind.UNAVAILABLE;
            case 409 ->
                    operation == Operation.CREATE_STREAM ? Kind.ALREADY_EXISTS : Kind.UNEXPECTED;
            case 413 -> Kind.REQUEST_TOO_LARGE;
            default -> status >= 500 ? Kind.UNAVAILABLE : Kind.UNEXPECTED;
        };
    }

    private static Kind badRequest(ErrorBody error, ErrorName name) {
        if (error.code() == FALSE_CONDITION || name == ErrorName.FALSE_CONDITION) {
            return Kind.CONDITION_FAILED;
        }
        // InvalidArgumentException, ShardIDOutOfRangeException, InvalidShardCountException, and
        // what else there may be: the API refuses the request as it is.
        return error.isOfApi() ? Kind.INVALID_ARGUMENT : Kind.UNEXPECTED;
    }
}
