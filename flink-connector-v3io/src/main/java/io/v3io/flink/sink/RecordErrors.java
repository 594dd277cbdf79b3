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

import io.v3io.client.V3ioException;

import java.util.Locale;
import java.util.Set;

/**
 * What a failure means to the sink: whether sending again may help, and if not, what a person can
 * do. Pure.
 *
 * <p>A record's error is judged by its symbolic name, because most numbers are not published. The
 * published names (PutRecords page: {@code InvalidArgumentException}, {@code Permission denied},
 * {@code ResourceIsnotStream}, {@code ResourceNotFoundException}, {@code
 * ShardIDOutOfRangeException}) are all fatal. No transient one is published; those below are what
 * the platform's habit suggests, which is to name errors by the system's error texts, and the names
 * that gateways and similar services use. <b>A name that is not below is fatal</b>: repeating what
 * nobody understands hides it, and a restarted job sends the record again anyway.
 */
final class RecordErrors {

    private static final Set<String> TRANSIENT_NAMES =
            Set.of(
                    "resourcetemporarilyunavailable",
                    "deviceorresourcebusy",
                    "cannotallocatememory",
                    "connectiontimedout",
                    "connectionresetbypeer",
                    "connectionrefused",
                    "interruptedsystemcall",
                    "timerexpired",
                    "operationtimedout",
                    "requesttimeout",
                    "requesttimedout",
                    "timeout",
                    "serviceunavailable",
                    "temporarilyunavailable",
                    "unavailable",
                    "internalerror",
                    "internalfailure",
                    "internalservererror",
                    "slowdown",
                    "throttled",
                    "throttling",
                    "toomanyrequests",
                    "limitexceeded",
                    "provisionedthroughputexceeded");

    /** Those of them by which a server says that it is asked for too much. */
    private static final Set<String> THROTTLING_NAMES =
            Set.of(
                    "slowdown",
                    "throttled",
                    "throttling",
                    "toomanyrequests",
                    "limitexceeded",
                    "provisionedthroughputexceeded");

    private static final String SHARD_ID_OUT_OF_RANGE = "shardidoutofrange";

    /** What only another record can avoid; the stream and its other records are well. */
    private static final Set<String> NAMES_OF_RECORDS =
            Set.of(SHARD_ID_OUT_OF_RANGE, "invalidargument");

    private static final int BAD_REQUEST = 400;

    private static final String EXCEPTION_SUFFIX = "exception";

    private RecordErrors() {}

    /**
     * Whether a record that failed under this symbolic name may be stored by sending it again.
     * Case, spaces, punctuation and a final {@code Exception} do not matter.
     */
    static boolean isTransient(String symbolicName) {
        return TRANSIENT_NAMES.contains(normalized(symbolicName));
    }

    /** Whether the server says by this name that it is asked for too much. */
    static boolean isThrottled(String symbolicName) {
        return THROTTLING_NAMES.contains(normalized(symbolicName));
    }

    /** Whether the record went to a shard that its stream does not have. */
    static boolean isShardOutOfRange(String symbolicName) {
        return normalized(symbolicName).equals(SHARD_ID_OUT_OF_RANGE);
    }

    /**
     * Whether the record itself is what can never be stored, so that the policy for invalid records
     * applies. A missing right or a missing stream is not: it concerns all records.
     */
    static boolean isOfRecord(String symbolicName) {
        return NAMES_OF_RECORDS.contains(normalized(symbolicName));
    }

    /**
     * Whether a whole request may have failed because of one of its records: the server refuses it
     * as it is, or something on the way finds it too large. The page of a gateway with status 400
     * says nothing about a record.
     */
    static boolean mayConcernOneRecord(V3ioException error) {
        return error.kind() == V3ioException.Kind.REQUEST_TOO_LARGE
                || (error.kind() == V3ioException.Kind.INVALID_ARGUMENT
                        // What the client refuses itself is a fault of ours.
                        && error.status().orElse(0) == BAD_REQUEST);
    }

    /** The symbolic name of a request's error; empty without one. */
    static String nameOf(V3ioException error) {
        return error.symbolicName() == null ? "" : error.symbolicName();
    }

    /** What a person can do about a record's fatal error. */
    static String advice(String symbolicName) {
        return switch (normalized(symbolicName)) {
            case SHARD_ID_OUT_OF_RANGE ->
                    "The stream has no such shard: make setShardId return 0 to shard count - 1, or"
                            + " grow the stream.";
            case "invalidargument" ->
                    "The platform refuses the record as it is: compare its size, key and client"
                            + " info with the limits of its version, and set setMaxRecordSize to the"
                            + " largest record that it takes.";
            case "permissiondenied", "operationnotpermitted" ->
                    adviceFor(V3ioException.Kind.PERMISSION_DENIED);
            case "resourcenotfound", "nosuchfileordirectory" ->
                    adviceFor(V3ioException.Kind.NOT_FOUND);
            case "resourceisnotstream", "resourcenotstream" ->
                    adviceFor(V3ioException.Kind.NOT_A_STREAM);
            default -> "This error is not known to be transient, so the record is not sent again.";
        };
    }

    /** What a person can do about a request's fatal error. */
    static String adviceFor(V3ioException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND ->
                    "Create the stream, have the sink do so with setCreateStream, or correct setStream.";
            case NOT_A_STREAM -> "Something else is at this path: correct setStream.";
            case PERMISSION_DENIED ->
                    "Check the access key (setAccessKey, setAccessKeyFile or the environment"
                            + " variable V3IO_ACCESS_KEY on the task managers) and its right to"
                            + " write to the stream.";
            case INVALID_ARGUMENT ->
                    "The platform refuses the request as it is: compare the sizes with the limits"
                            + " of its version, and lower setMaxRecordSize, setMaxBatchSize or"
                            + " setMaxBatchSizeInBytes.";
            case REQUEST_TOO_LARGE ->
                    "Lower setMaxBatchSizeInBytes below what the gateway before the server takes,"
                            + " or raise the gateway's limit.";
            case UNAVAILABLE, TRANSPORT, MALFORMED_RESPONSE ->
                    "Check the server and the network; the time until the job fails is the retry"
                            + " policy's maxElapsed (configureClient, setRetryPolicy).";
            case RESPONSE_TOO_LARGE ->
                    "The records may be stored; the request is not sent again, because its answer"
                            + " would be as large.";
            case UNMATCHED_RESULTS ->
                    "The request is not sent again, because that might store records twice; the"
                            + " restarted job sends what came after its last checkpoint.";
            default -> "The request is not sent again, because it is not known to be safe.";
        };
    }

    private static String normalized(String symbolicName) {
        StringBuilder letters = new StringBuilder(symbolicName.length());
        for (char c : symbolicName.toLowerCase(Locale.ROOT).toCharArray()) {
            if (c >= 'a' && c <= 'z') {
                letters.append(c);
            }
        }
        String name = letters.toString();
        return name.endsWith(EXCEPTION_SUFFIX)
                ? name.substring(0, name.length() - EXCEPTION_SUFFIX.length())
                : name;
    }
}
