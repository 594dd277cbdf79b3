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

import io.v3io.client.Operation;
import io.v3io.client.annotation.Internal;

import javax.annotation.Nullable;

/**
 * One request of the web API, without server and credentials. The body is not copied.
 *
 * @param operation what it does
 * @param method HTTP method
 * @param target percent-encoded path and query
 * @param function value of the {@code X-v3io-function} header; null for plain object requests
 * @param body JSON; null without a body
 * @param path container and path for people, not encoded
 * @param detail what else tells this request from others on the path (a location, a sequence
 *     number), for error messages; may hold words of a server; empty if nothing does
 * @param existence what to ask if a 404 does not say that the API has sent it, where the errors of
 *     the operation have no published form; null where they have one
 */
@Internal
public record ApiRequest(
        Operation operation,
        String method,
        String target,
        @Nullable String function,
        @Nullable RequestBody body,
        String path,
        String detail,
        @Nullable ApiRequest existence) {

    /** Whether doing it twice has the same effect as doing it once. */
    public boolean isRepeatable() {
        return switch (operation) {
            case CREATE_STREAM, UPDATE_STREAM, PUT_RECORDS -> false;
            case DESCRIBE_STREAM,
                    SEEK,
                    GET_RECORDS,
                    GET_ITEM,
                    PUT_ITEM,
                    LIST,
                    PUT_OBJECT,
                    GET_OBJECT,
                    DELETE_OBJECT ->
                    true;
        };
    }

    @Override
    public String toString() {
        return operation.wireName() + " " + method + " " + target;
    }
}
