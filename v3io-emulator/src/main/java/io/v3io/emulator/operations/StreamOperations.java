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

package io.v3io.emulator.operations;

import io.v3io.emulator.Assumptions;
import io.v3io.emulator.http.Request;
import io.v3io.emulator.http.Response;
import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.protocol.Limits;
import io.v3io.emulator.store.EmulatorClock;
import io.v3io.emulator.store.Shard;
import io.v3io.emulator.store.ShardRead;
import io.v3io.emulator.store.Store;
import io.v3io.emulator.store.Stream;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** CreateStream, DescribeStream, UpdateStream, Seek and GetRecords: API page sections 2 and 4. */
final class StreamOperations {
    private static final int NO_CONTENT = 204;
    private static final int MAX_NANOS = 999_999_999;
    private static final Set<String> CREATE_FIELDS =
            Set.of("StreamName", "ShardCount", "RetentionPeriodHours");
    private static final Set<String> DESCRIBE_FIELDS = Set.of("StreamName");
    private static final Set<String> UPDATE_FIELDS = Set.of("StreamName", "ShardCount");
    private static final Set<String> SEEK_FIELDS =
            Set.of(
                    "StreamName",
                    "ShardId",
                    "Type",
                    "StartingSequenceNumber",
                    "TimestampSec",
                    "TimestampNSec");
    private static final Set<String> GET_RECORDS_FIELDS =
            Set.of("StreamName", "ShardId", "Location", "Limit");
    private static final ByteBuf END_OF_RECORDS =
            Unpooled.unreleasableBuffer(
                    Unpooled.directBuffer(2)
                            .writeBytes("]}".getBytes(StandardCharsets.US_ASCII))
                            .asReadOnly());

    private final Store store;
    private final StreamResolver resolver;

    StreamOperations(Store store, StreamResolver resolver) {
        this.store = store;
        this.resolver = resolver;
    }

    CompletableFuture<Response> create(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(CREATE_FIELDS);
        int shardCount =
                (int)
                        body.optionalLong("ShardCount", 1, Limits.MAX_SHARDS)
                                .orElse(Limits.DEFAULT_SHARDS);
        int retentionHours =
                (int)
                        body.optionalLong(
                                        "RetentionPeriodHours", 1, Assumptions.MAX_RETENTION_HOURS)
                                .orElse(Limits.DEFAULT_RETENTION_HOURS);
        List<String> path = resolver.streamPath(request, streamName(body));
        return store.container(path.get(0))
                .createStream(path.subList(1, path.size()), shardCount, retentionHours)
                .thenApply(safe -> Response.empty(NO_CONTENT));
    }

    CompletableFuture<Response> describe(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(DESCRIBE_FIELDS);
        Stream stream = resolver.stream(request, streamName(body), ApiError.RESOURCE_NOT_STREAM);
        return CompletableFuture.completedFuture(
                Response.json(
                        200,
                        JsonNodeFactory.instance
                                .objectNode()
                                .put("ShardCount", stream.shardCount())
                                .put("RetentionPeriodHours", stream.retentionHours())));
    }

    CompletableFuture<Response> update(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(UPDATE_FIELDS);
        long shardCount = body.requiredLong("ShardCount", Integer.MIN_VALUE, Integer.MAX_VALUE);
        Stream stream = resolver.stream(request, streamName(body), ApiError.RESOURCE_NOT_STREAM);
        return store.container(stream.container())
                .growStream(stream, (int) shardCount)
                .thenApply(safe -> Response.empty(NO_CONTENT));
    }

    CompletableFuture<Response> seek(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(SEEK_FIELDS);
        String type = body.requiredString("Type");
        Shard shard = resolver.shard(request, body);
        String location =
                switch (type) {
                    case "EARLIEST" -> shard.seekEarliest();
                    case "LATEST" -> shard.seekLatest();
                    case "TIME" -> shard.seekTime(time(body));
                    case "SEQUENCE" ->
                            shard.seekSequence(
                                    body.requiredLong("StartingSequenceNumber", 0, Long.MAX_VALUE));
                    default ->
                            throw ApiException.invalidArgument(
                                    "Type must be EARLIEST, LATEST, TIME or SEQUENCE, but was "
                                            + type);
                };
        return CompletableFuture.completedFuture(
                Verified.at(
                        shard.mtimeNanos(),
                        Response.json(
                                200,
                                JsonNodeFactory.instance.objectNode().put("Location", location))));
    }

    private static long time(JsonBody body) {
        long seconds = body.requiredLong("TimestampSec", 0, Long.MAX_VALUE);
        long nanos = body.requiredLong("TimestampNSec", 0, MAX_NANOS);
        try {
            return EmulatorClock.toNanos(Instant.ofEpochSecond(seconds, nanos));
        } catch (DateTimeException | ArithmeticException e) {
            // Later than any clock here can show, which is a time after the newest record.
            return Long.MAX_VALUE;
        }
    }

    CompletableFuture<Response> getRecords(Request request) {
        JsonBody body = JsonBody.parse(request.body());
        body.checkNoOthers(GET_RECORDS_FIELDS);
        String location = body.requiredString("Location");
        long limit = body.optionalLong("Limit", 1, Long.MAX_VALUE).orElse(Limits.DEFAULT_GET_LIMIT);
        Shard shard = resolver.shard(request, body);
        ShardRead read = shard.read(location, limit);
        String head =
                "{\"NextLocation\":\""
                        + read.nextLocation()
                        + "\",\"MSecBehindLatest\":"
                        + read.millisBehindLatest()
                        + ",\"RecordsBehindLatest\":"
                        + read.recordsBehindLatest()
                        + ",\"Records\":[";
        ByteBuf headBytes = Unpooled.directBuffer(head.length());
        headBytes.writeCharSequence(head, StandardCharsets.US_ASCII);
        ByteBuf answer =
                Unpooled.wrappedBuffer(headBytes, read.records(), END_OF_RECORDS.duplicate());
        return CompletableFuture.completedFuture(
                Verified.at(shard.mtimeNanos(), Response.json(200, answer)));
    }

    private static String streamName(JsonBody body) {
        return body.optionalString("StreamName").orElse(null);
    }
}
