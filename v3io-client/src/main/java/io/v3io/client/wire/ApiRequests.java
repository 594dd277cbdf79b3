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
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;

import javax.annotation.Nullable;

import java.util.List;

/**
 * Builds each request of the web API. Methods, paths, field names and conditions are those that the
 * public clients send; the path of a stream ends in a slash, that of a shard does not (v3io-go;
 * v3io-py adds one, and a server takes both).
 */
@Internal
public final class ApiRequests {

    /** What v3io-go demands of the object that it writes a position to: that it is a shard. */
    private static final String IS_SHARD = "__obj_type == 3";

    private static final String UPDATE_MODE = "CreateOrReplaceAttributes";

    /** Attribute of a group's state object that has the members of the group (v3io-go). */
    static final String GROUP_STATE = "state";

    private static final String NO_MEMBERS = "{\"schema_version\":\"0.0.1\",\"session_states\":[]}";

    private ApiRequests() {}

    public static ApiRequest createStream(StreamPath stream, int shardCount, int retentionHours) {
        return onStream(
                Operation.CREATE_STREAM,
                "POST",
                stream,
                Json.object(
                        json -> {
                            json.writeNumberField("ShardCount", shardCount);
                            json.writeNumberField("RetentionPeriodHours", retentionHours);
                        }));
    }

    public static ApiRequest describeStream(StreamPath stream) {
        return onStream(Operation.DESCRIBE_STREAM, "PUT", stream, null);
    }

    public static ApiRequest updateStream(StreamPath stream, int shardCount) {
        return onStream(
                Operation.UPDATE_STREAM,
                "POST",
                stream,
                Json.object(json -> json.writeNumberField("ShardCount", shardCount)));
    }

    /** The records must be within the limits: see {@link PutRecordsCheck}. */
    public static ApiRequest putRecords(StreamPath stream, List<PutRecord> records) {
        return putRecords(stream, records, BodyArrays.NEW);
    }

    /**
     * As {@link #putRecords(StreamPath, List)}, in an array from there; {@link
     * RequestBody#giveBack} it.
     */
    public static ApiRequest putRecords(
            StreamPath stream, List<PutRecord> records, BodyArrays arrays) {
        return onStream(
                Operation.PUT_RECORDS, "POST", stream, PutRecordsEncoder.encode(records, arrays));
    }

    public static ApiRequest seek(ShardId shard, SeekPosition position) {
        return onShard(
                Operation.SEEK,
                shard,
                Json.object(json -> SeekFields.write(json, position)),
                SeekFields.describe(position));
    }

    public static ApiRequest getRecords(ShardId shard, Location location, int limit) {
        return onShard(
                Operation.GET_RECORDS,
                shard,
                Json.object(
                        json -> {
                            json.writeStringField("Location", location.text());
                            json.writeNumberField("Limit", limit);
                        }),
                "location " + location.text());
    }

    /** Names no attribute that could hold data. */
    public static ApiRequest newestSequenceNumber(ShardId shard) {
        return onShard(
                Operation.GET_ITEM,
                shard,
                Json.object(
                        json ->
                                json.writeStringField(
                                        "AttributesToGet", ShardItem.ATTRIBUTES_OF_NEWEST)),
                "newest sequence number");
    }

    public static ApiRequest getCommittedSequenceNumber(ShardId shard, String consumerGroup) {
        return onShard(
                Operation.GET_ITEM,
                shard,
                Json.object(
                        json ->
                                json.writeStringField(
                                        "AttributesToGet",
                                        CommittedPosition.attribute(consumerGroup))),
                "consumer group " + consumerGroup);
    }

    public static ApiRequest commitSequenceNumber(
            ShardId shard, String consumerGroup, long sequenceNumber) {
        return onShard(
                Operation.PUT_ITEM,
                shard,
                Json.object(
                        json -> {
                            json.writeStringField("ConditionExpression", IS_SHARD);
                            json.writeObjectFieldStart("Item");
                            json.writeObjectFieldStart(CommittedPosition.attribute(consumerGroup));
                            json.writeStringField("N", Long.toString(sequenceNumber));
                            json.writeEndObject();
                            json.writeEndObject();
                            json.writeStringField("UpdateMode", UPDATE_MODE);
                        }),
                "consumer group " + consumerGroup + ", sequence number " + sequenceNumber);
    }

    /**
     * The state object of a consumer group, written only where there is none. v3io-go changes it
     * under a condition, too, so that neither overwrites what the other wrote.
     */
    public static ApiRequest createGroupState(StreamPath stream, String consumerGroup) {
        return onGroupState(
                Operation.PUT_ITEM,
                stream,
                consumerGroup,
                Json.object(
                        json -> {
                            json.writeStringField(
                                    "ConditionExpression", "not(exists(" + GROUP_STATE + "))");
                            json.writeObjectFieldStart("Item");
                            json.writeObjectFieldStart(GROUP_STATE);
                            json.writeStringField("S", NO_MEMBERS);
                            json.writeEndObject();
                            json.writeEndObject();
                            json.writeStringField("UpdateMode", UPDATE_MODE);
                        }));
    }

    /** The state of a consumer group, as v3io-go keeps it. */
    public static ApiRequest getGroupState(StreamPath stream, String consumerGroup) {
        return onGroupState(
                Operation.GET_ITEM,
                stream,
                consumerGroup,
                Json.object(json -> json.writeStringField("AttributesToGet", GROUP_STATE)));
    }

    private static ApiRequest onGroupState(
            Operation operation, StreamPath stream, String consumerGroup, RequestBody body) {
        String object = consumerGroup + "-state.json";
        return new ApiRequest(
                operation,
                "PUT",
                target(stream) + "/" + PercentEncoder.encode(object),
                operation.wireName(),
                body,
                stream + "/" + object,
                "state of consumer group " + consumerGroup,
                null);
    }

    /**
     * A page of the objects and directories directly in a directory, with all their attributes.
     *
     * @param directory path in the container without slashes at its ends; empty for the root
     * @param marker where the last page ended; null for the first page
     * @param existence tells whether the directory exists; null if nothing can
     */
    public static ApiRequest list(
            String container,
            String directory,
            @Nullable String marker,
            @Nullable ApiRequest existence) {
        StringBuilder target =
                new StringBuilder("/").append(PercentEncoder.encode(container)).append('?');
        if (!directory.isEmpty()) {
            target.append("prefix=").append(PercentEncoder.encode(directory + "/")).append('&');
        }
        target.append("prefix-info=1");
        if (marker != null) {
            target.append("&marker=").append(PercentEncoder.encode(marker));
        }
        return new ApiRequest(
                Operation.LIST,
                "GET",
                target.toString(),
                null,
                null,
                container + "/" + directory,
                marker == null ? "" : "from marker " + marker,
                existence);
    }

    /** Stores an object, in place of one that may be there. */
    public static ApiRequest putObject(String container, String path, byte[] data) {
        return onObject(Operation.PUT_OBJECT, "PUT", container, path, RequestBody.of(data), null);
    }

    /** Reads a whole object. */
    public static ApiRequest getObject(String container, String path) {
        return onObject(
                Operation.GET_OBJECT, "GET", container, path, null, exists(container, path));
    }

    /**
     * Deletes an object, or an empty directory.
     *
     * @param path path in the container; a directory's ends in a slash
     * @param existence tells whether it is there
     */
    public static ApiRequest delete(String container, String path, ApiRequest existence) {
        return onObject(Operation.DELETE_OBJECT, "DELETE", container, path, null, existence);
    }

    private static ApiRequest onObject(
            Operation operation,
            String method,
            String container,
            String path,
            @Nullable RequestBody body,
            @Nullable ApiRequest existence) {
        return new ApiRequest(
                operation,
                method,
                "/" + PercentEncoder.encode(container) + "/" + PercentEncoder.encodePath(path),
                null,
                body,
                container + "/" + path,
                "",
                existence);
    }

    /**
     * Whether an object or a directory exists, asked in a way whose errors have a published form.
     *
     * @param path path in the container; a directory's ends in a slash
     */
    public static ApiRequest exists(String container, String path) {
        return new ApiRequest(
                Operation.GET_ITEM,
                "PUT",
                "/" + PercentEncoder.encode(container) + "/" + PercentEncoder.encodePath(path),
                Operation.GET_ITEM.wireName(),
                Json.object(json -> json.writeStringField("AttributesToGet", "__obj_type")),
                container + "/" + path,
                "whether it exists",
                null);
    }

    private static ApiRequest onStream(
            Operation operation, String method, StreamPath stream, @Nullable RequestBody body) {
        return new ApiRequest(
                operation,
                method,
                target(stream) + "/",
                operation.wireName(),
                body,
                stream.toString(),
                "",
                null);
    }

    private static ApiRequest onShard(
            Operation operation, ShardId shard, RequestBody body, String detail) {
        return new ApiRequest(
                operation,
                "PUT",
                target(shard.stream()) + "/" + shard.number(),
                operation.wireName(),
                body,
                shard.toString(),
                detail,
                null);
    }

    private static String target(StreamPath stream) {
        return "/"
                + PercentEncoder.encode(stream.container())
                + "/"
                + PercentEncoder.encodePath(stream.path());
    }
}
