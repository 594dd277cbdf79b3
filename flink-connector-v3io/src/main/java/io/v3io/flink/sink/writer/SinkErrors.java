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
import io.v3io.client.V3ioException;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.sink.V3ioSinkOptions;

import org.apache.flink.annotation.Internal;

import javax.annotation.Nullable;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a failure means to the sink, and the errors that fail a job: which stream, which record,
 * what the server said, and what a person can do. They name sizes and shards, never data, keys or
 * client info. Pure.
 *
 * <p>A record's error is judged by its symbolic name, because most numbers are not published. <b>A
 * name that is not known is fatal</b>: repeating what nobody understands hides it, and a restarted
 * job sends the record again anyway.
 */
@Internal
public final class SinkErrors {

    /** What can be set where a failure is repeated. */
    static final String HOW_LONG =
            "The time until the job fails is the maxElapsed of configureClient's "
                    + SettingNames.of(V3ioSinkOptions.RETRY_MAX_ELAPSED)
                    + ".";

    private static final int BAD_REQUEST = 400;

    private SinkErrors() {}

    /**
     * Whether the record itself is what can never be stored, so that the policy for invalid records
     * applies. A missing right or a missing stream is not: it concerns all records.
     */
    public static boolean isOfRecord(ErrorName name) {
        return name.kind() == V3ioException.Kind.INVALID_ARGUMENT;
    }

    /**
     * Whether a whole request may have failed because of one of its records: the server refuses it
     * as it is, or something on the way finds it too large. The page of a gateway with status 400
     * says nothing about a record.
     */
    public static boolean mayConcernOneRecord(V3ioException error) {
        return error.kind() == V3ioException.Kind.REQUEST_TOO_LARGE
                || (error.kind() == V3ioException.Kind.INVALID_ARGUMENT
                        // What the client refuses itself is a fault of ours.
                        && error.status().orElse(0) == BAD_REQUEST);
    }

    /** What a person can do about a record's fatal error. */
    static String advice(ErrorName name) {
        return switch (name) {
            case SHARD_OUT_OF_RANGE ->
                    "The stream has no such shard: make "
                            + SettingNames.SHARD_ID
                            + " give 0 to shard count - 1, or grow the stream.";
            case INVALID_ARGUMENT, INVALID_SHARD_COUNT ->
                    "The platform refuses the record as it is: compare its size, key and client"
                            + " info with the limits of its version, and lower "
                            + SettingNames.of(V3ioSinkOptions.RECORD_MAX_SIZE)
                            + " to the largest record that it takes.";
            case PERMISSION_DENIED,
                    RESOURCE_NOT_FOUND,
                    CONTAINER_NOT_FOUND,
                    NO_SUCH_FILE,
                    NOT_A_STREAM ->
                    adviceFor(name.kind());
            default -> "This error is not known to be transient, so the record is not sent again.";
        };
    }

    /**
     * A request's error and what a person can do about it, in the words of the sink's options where
     * there are any; where not, the client's advice stands.
     */
    static String told(V3ioException error) {
        return switch (error.kind()) {
            case NOT_FOUND, NOT_A_STREAM, INVALID_ARGUMENT, REQUEST_TOO_LARGE ->
                    error.description() + " " + adviceFor(error.kind());
            case UNAVAILABLE,
                    TRANSPORT,
                    MALFORMED_RESPONSE,
                    RESPONSE_TOO_LARGE,
                    UNMATCHED_RESULTS ->
                    error.getMessage() + " " + adviceFor(error.kind());
            // The client knows where the key comes from, or there is nothing to add.
            default -> error.getMessage();
        };
    }

    /** What the sink has to say of a request's fatal error. */
    private static String adviceFor(V3ioException.Kind kind) {
        return switch (kind) {
            case NOT_FOUND ->
                    "Create the stream, have the sink do so with "
                            + SettingNames.of(V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT)
                            + ", or correct "
                            + SettingNames.STREAM
                            + ".";
            case NOT_A_STREAM ->
                    "Something else is at this path: correct " + SettingNames.STREAM + ".";
            case PERMISSION_DENIED ->
                    "Check the access key, of "
                            + SettingNames.ACCESS_KEY
                            + ", "
                            + SettingNames.ACCESS_KEY_FILE
                            + " or the environment variable V3IO_ACCESS_KEY on the task managers,"
                            + " and its right to write to the stream.";
            case INVALID_ARGUMENT ->
                    "The platform refuses the request as it is: compare the sizes with the limits"
                            + " of its version, and lower "
                            + SettingNames.of(V3ioSinkOptions.RECORD_MAX_SIZE)
                            + ", "
                            + SettingNames.of(V3ioSinkOptions.BATCH_MAX_SIZE)
                            + " or "
                            + SettingNames.of(V3ioSinkOptions.FLUSH_BUFFER_SIZE)
                            + ".";
            case REQUEST_TOO_LARGE ->
                    "Lower "
                            + SettingNames.of(V3ioSinkOptions.FLUSH_BUFFER_SIZE)
                            + " below what the gateway before the server takes, or raise the"
                            + " gateway's limit.";
            case UNAVAILABLE, TRANSPORT, MALFORMED_RESPONSE -> HOW_LONG;
            case RESPONSE_TOO_LARGE ->
                    "The records may be stored; the request is not sent again, because its answer"
                            + " would be as large.";
            case UNMATCHED_RESULTS ->
                    "The request is not sent again, because that might store records twice; the"
                            + " restarted job sends what came after its last checkpoint.";
            default -> "";
        };
    }

    /** Why a record is given up that the server refused for itself. */
    public static String recordRefused(
            StreamPath stream, PutRecord record, PutResult.Failed failed) {
        return "Stream "
                + stream
                + " did not store a record ("
                + describe(record)
                + "): the server says '"
                + failed.errorMessage()
                + "' ("
                + failed.errorCode()
                + "). "
                + advice(failed.errorName());
    }

    /** Why a record is given up that was refused as the only one of its request. */
    public static String refusedAlone(StreamPath stream, PutRecord record, V3ioException refusal) {
        ErrorName name = refusal.errorName();
        return "Stream "
                + stream
                + " did not store a record ("
                + describe(record)
                + "), although it was the only one of its request: "
                + (isOfRecord(name) ? refusal.description() + " " + advice(name) : told(refusal));
    }

    /** An attempt that did not even end by the client's time-outs. */
    static IOException neverAnswered(StreamPath stream, List<PutRecord> records, Duration limit) {
        return new IOException(
                "Writing "
                        + describe(records)
                        + " to stream "
                        + stream
                        + " has not ended within "
                        + limit.toSeconds()
                        + " seconds, although the client's time-outs should have ended it. Please"
                        + " report this with the log; the restarted job goes on from its last"
                        + " checkpoint.");
    }

    /** A whole request failed, and would do so again. */
    public static IOException requestRefused(
            StreamPath stream, List<PutRecord> records, Throwable error) {
        return new IOException(
                "Writing " + describe(records) + " to stream " + stream + " failed: " + told(error),
                error);
    }

    /** Answers that nobody understands, one after another. */
    static IOException notUnderstood(
            StreamPath stream, List<PutRecord> records, int answers, V3ioException last) {
        return new IOException(
                "Writing "
                        + describe(records)
                        + " to stream "
                        + stream
                        + " got "
                        + answers
                        + " answers that cannot be understood. The records may be stored, also more"
                        + " than once. The last one: "
                        + last.getMessage(),
                last);
    }

    /** Transient failures went on for longer than the retry policy allows. */
    public static IOException givenUp(
            StreamPath stream,
            List<PutRecord> records,
            int attempts,
            Duration elapsed,
            String lastReason,
            @Nullable V3ioException cause) {
        return new IOException(
                "Writing "
                        + describe(records)
                        + " to stream "
                        + stream
                        + " was given up after "
                        + attempts
                        + (attempts == 1 ? " attempt" : " attempts")
                        + " in "
                        + elapsed.toMillis()
                        + " ms. The last one: "
                        + (cause == null ? sentence(lastReason) + HOW_LONG : told(cause)),
                cause);
    }

    /** An answer that cannot be matched with its request. */
    static IOException resultsMismatch(StreamPath stream, int records, int results) {
        return new IOException(
                "Stream "
                        + stream
                        + " answered "
                        + results
                        + " results for "
                        + records
                        + " records; nobody can tell which of them are stored.");
    }

    /** The stream is not there, and is not to be created. */
    static IOException streamMissing(StreamPath stream, Throwable error) {
        return new IOException(
                "The sink cannot begin: stream "
                        + stream
                        + " does not exist. Create it, have the sink do so with "
                        + SettingNames.of(V3ioSinkOptions.CREATE_STREAM_SHARD_COUNT)
                        + ", or correct "
                        + SettingNames.STREAM
                        + ".",
                error);
    }

    /** Something else is at the stream's path. */
    static IOException notAStream(StreamPath stream, Throwable error) {
        return new IOException(
                "Stream "
                        + stream
                        + " cannot be created: something that is not a stream is at its path.",
                error);
    }

    /** A stream could not be described or created, and will not be. */
    static IOException setupRefused(StreamPath stream, Throwable error) {
        return new IOException(
                "The sink cannot begin with stream " + stream + ": " + told(error), error);
    }

    /** A stream could not be described or created for longer than the retry policy allows. */
    static IOException setupGivenUp(
            StreamPath stream, int attempts, Duration elapsed, Throwable last) {
        return new IOException(
                "The sink cannot begin with stream "
                        + stream
                        + ": given up after "
                        + attempts
                        + (attempts == 1 ? " attempt" : " attempts")
                        + " in "
                        + elapsed.toMillis()
                        + " ms. The last one: "
                        + last.getMessage(),
                last);
    }

    private static String told(Throwable error) {
        return error instanceof V3ioException e ? told(e) : error.getMessage();
    }

    /** Where a record goes, such as {@code shard 3} or {@code partition key of 12 characters}. */
    static String route(PutRecord record) {
        if (record.shardId().isPresent()) {
            return "shard " + record.shardId().getAsInt();
        }
        String key = record.partitionKey();
        return key == null
                ? "shard chosen by the platform"
                : "partition key of " + key.length() + " characters";
    }

    /**
     * The streams of a sink, such as {@code stream users/me/orders} or {@code streams users/a,
     * users/b}.
     */
    static String names(List<StreamPath> streams) {
        return (streams.size() == 1 ? "stream " : "streams ")
                + streams.stream().map(StreamPath::toString).collect(Collectors.joining(", "));
    }

    /** Some reasons are whole sentences, and some are names. */
    private static String sentence(String reason) {
        return reason.endsWith(".") ? reason + " " : reason + ". ";
    }

    private static String describe(PutRecord record) {
        return route(record) + ", " + record.data().length + " bytes of data";
    }

    private static String describe(List<PutRecord> records) {
        long bytes = 0;
        for (PutRecord record : records) {
            bytes += record.data().length;
        }
        return records.size() == 1
                ? "a record (" + describe(records.get(0)) + ")"
                : records.size()
                        + " records ("
                        + bytes
                        + " bytes of data, the first one: "
                        + describe(records.get(0))
                        + ")";
    }
}
