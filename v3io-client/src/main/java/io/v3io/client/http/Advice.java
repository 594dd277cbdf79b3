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

import java.util.function.UnaryOperator;

/**
 * What a person can do about a failure: which setting or which name to look at. It repeats nothing
 * that a server said, so no secret and no payload gets in this way.
 */
final class Advice {

    private static final String CHECK_PATH =
            "Check the spelling of container and path, and the endpoint";

    private Advice() {}

    /**
     * A sentence or two about an answer; empty if there is nothing to add.
     *
     * @param status HTTP status; 0 without an answer
     * @param name of the error, if the server gave one that is known
     * @param keyOrigin where the access key comes from; never the key
     * @param settingName what a setting of the client is called
     */
    static String of(
            Kind kind,
            Operation operation,
            int status,
            ErrorName name,
            String keyOrigin,
            UnaryOperator<String> settingName) {
        return switch (kind) {
            case NOT_FOUND -> notFound(operation, name);
            case ILLEGAL_LOCATION ->
                    "The location no longer exists in the shard, as when retention has passed it:"
                            + " seek again.";
            case PERMISSION_DENIED ->
                    "Check that "
                            + keyOrigin
                            + " is valid at this endpoint and allows this operation on the path.";
            case INVALID_ARGUMENT -> invalidArgument(operation, name);
            case REQUEST_TOO_LARGE ->
                    operation == Operation.PUT_RECORDS
                            ? "Store fewer bytes at once, or raise the limit for request bodies of"
                                    + " the gateway in front of the API; API requests have up to 10"
                                    + " MB."
                            : "Raise the limit for request bodies of the gateway in front of the"
                                    + " API.";
            case ALREADY_EXISTS ->
                    "Something exists at this path already: use it, choose another path, or delete"
                            + " it first.";
            case NOT_A_STREAM ->
                    "What exists at this path is not a stream. "
                            + CHECK_PATH
                            + ": the path is that of the stream, not of a directory above it or a"
                            + " shard in it.";
            case CONDITION_FAILED ->
                    "The condition of the write did not hold, and nothing was written: what exists"
                            + " at this path is not a shard.";
            case UNAVAILABLE ->
                    status == 404
                            ? "The API has not written this answer, so it does not say that"
                                    + " anything is missing. Is the endpoint really the V3IO web API?"
                                    + " Check its host and port, and the gateway in front of it."
                            : "The server is overloaded or not ready; try again later.";
            case MALFORMED_RESPONSE ->
                    "Is the endpoint really the V3IO web API, with no gateway that answers for it?"
                            + " Check its host, port and scheme (http or https).";
            case RESPONSE_TOO_LARGE ->
                    "Raise "
                            + settingName.apply("setMaxResponseBytes")
                            + ", or ask for fewer records at once.";
            case NOT_ADMITTED ->
                    "Ask again when there is memory for the answer, or for fewer records at once.";
            case UNMATCHED_RESULTS ->
                    "Nobody can tell which of the records are stored. Read the end of the stream"
                            + " before storing them again, if they must not be there twice.";
            case UNEXPECTED ->
                    "The client does not know this answer and does not repeat the request: check"
                            + " that the endpoint is the V3IO web API, in a version that serves "
                            + operation.wireName()
                            + ".";
            // What happened on the way has its own advice, and a closed client needs none.
            case TRANSPORT, CLOSED -> "";
        };
    }

    private static String notFound(Operation operation, ErrorName name) {
        if (name == ErrorName.CONTAINER_NOT_FOUND) {
            return "There is no such container at this endpoint. " + CHECK_PATH + ".";
        }
        return switch (operation) {
            case SEEK, GET_RECORDS, GET_ITEM, PUT_ITEM ->
                    "There is no such shard: its first record has not been stored yet, or its"
                            + " stream does not exist or has been deleted. "
                            + CHECK_PATH
                            + ".";
            case CREATE_STREAM, DESCRIBE_STREAM, UPDATE_STREAM, PUT_RECORDS ->
                    "There is no stream at this path; if there was one, it has been deleted. "
                            + CHECK_PATH
                            + ", or create the stream.";
            case LIST, GET_OBJECT, PUT_OBJECT, DELETE_OBJECT ->
                    "Nothing exists at this path. " + CHECK_PATH + ".";
        };
    }

    private static String invalidArgument(Operation operation, ErrorName name) {
        if (name == ErrorName.SHARD_OUT_OF_RANGE) {
            return "The stream has fewer shards than that; if it had more, it has been created"
                    + " again.";
        }
        return switch (operation) {
            case CREATE_STREAM ->
                    "Check shard count and retention against the limits of the server's version.";
            case UPDATE_STREAM ->
                    "The number of shards can only grow: check it against what the stream has now.";
            case PUT_RECORDS ->
                    "Check the records against the limits of the server's version, which may be"
                            + " below those of the API.";
            case SEEK ->
                    "A sequence number must be one that the shard holds: retention may have removed"
                            + " it, or the stream may have been created again.";
            case GET_RECORDS ->
                    "The location must be one that the server gave for this shard of this stream,"
                            + " and the limit one that its version takes.";
            case GET_ITEM, PUT_ITEM -> "Check the name of the consumer group.";
            case DESCRIBE_STREAM, LIST, GET_OBJECT, PUT_OBJECT, DELETE_OBJECT -> CHECK_PATH + ".";
        };
    }
}
