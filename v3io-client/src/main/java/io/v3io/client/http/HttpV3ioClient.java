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

import io.v3io.client.AnswerAdmission;
import io.v3io.client.ClientMetrics;
import io.v3io.client.Operation;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.V3ioException;
import io.v3io.client.annotation.Internal;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamListing;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;
import io.v3io.client.wire.AnswerDecoder;
import io.v3io.client.wire.ApiRequests;
import io.v3io.client.wire.CommittedPosition;
import io.v3io.client.wire.GetRecordsDecoder;
import io.v3io.client.wire.PutRecordsCheck;
import io.v3io.client.wire.PutRecordsDecoder;
import io.v3io.client.wire.SmallAnswers;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;

/**
 * The client over HTTP: checks arguments, and says for each operation which request it sends and
 * what its answer becomes.
 */
@Internal
public final class HttpV3ioClient implements V3ioClient {

    private final ClientRuntime runtime;
    private final CallRunner calls;

    /**
     * Reads access key and trust store, and starts the I/O threads. Connections are made when they
     * are needed.
     *
     * @throws IllegalStateException if there is no access key where the settings say
     * @throws IllegalArgumentException if the trust store cannot be read
     */
    public HttpV3ioClient(V3ioClientConfig config) {
        this(ClientRuntime.start(config));
    }

    HttpV3ioClient(ClientRuntime runtime) {
        this.runtime = runtime;
        this.calls = runtime.calls();
    }

    @Override
    public CompletableFuture<Void> createStream(
            StreamPath stream, int shardCount, int retentionHours) {
        if (shardCount < 1 || shardCount > V3ioLimits.MAX_SHARDS) {
            return invalid(Operation.CREATE_STREAM, stream, refuseShardCount(shardCount));
        }
        if (retentionHours < 1 || retentionHours > V3ioLimits.MAX_RETENTION_HOURS) {
            return invalid(
                    Operation.CREATE_STREAM,
                    stream,
                    "Retention must be 1 to "
                            + V3ioLimits.MAX_RETENTION_HOURS
                            + " hours, not "
                            + retentionHours
                            + ".");
        }
        return calls.run(
                ApiRequests.createStream(stream, shardCount, retentionHours),
                AnswerDecoder.NOTHING);
    }

    @Override
    public CompletableFuture<StreamDescription> describeStream(StreamPath stream) {
        return calls.run(ApiRequests.describeStream(stream), SmallAnswers::description);
    }

    @Override
    public CompletableFuture<Void> updateStream(StreamPath stream, int shardCount) {
        if (shardCount < 1 || shardCount > V3ioLimits.MAX_SHARDS) {
            return invalid(Operation.UPDATE_STREAM, stream, refuseShardCount(shardCount));
        }
        return calls.run(ApiRequests.updateStream(stream, shardCount), AnswerDecoder.NOTHING);
    }

    @Override
    public CompletableFuture<Void> deleteStream(StreamPath stream) {
        Composite<Void> result = new Composite<>(calls, Operation.DELETE_OBJECT, stream.toString());
        // Asked first, so that a mistyped path never costs a directory that is no stream.
        result.then(
                describeStream(stream),
                description ->
                        result.then(DirectoryDeletion.start(calls, stream), result::complete));
        return result.result();
    }

    @Override
    public CompletableFuture<List<PutResult>> putRecords(
            StreamPath stream, List<PutRecord> records) {
        // A copy of the list, not of the records: it must not change between check and encoding.
        List<PutRecord> fixed = new ArrayList<>(records);
        String refusal = PutRecordsCheck.refuse(fixed, runtime.config().maxRecordBytes());
        if (refusal != null) {
            return invalid(Operation.PUT_RECORDS, stream, refusal);
        }
        return calls.run(
                ApiRequests.putRecords(stream, fixed, runtime.bodyArrays()),
                new PutRecordsDecoder(fixed.size(), calls.failures().serverWords()));
    }

    @Override
    public CompletableFuture<Location> seek(ShardId shard, SeekPosition position) {
        return calls.run(ApiRequests.seek(shard, position), SmallAnswers::location);
    }

    @Override
    public CompletableFuture<RecordBatch> getRecords(ShardId shard, Location location, int limit) {
        if (limit < 1) {
            return invalid(Operation.GET_RECORDS, shard, refuseLimit(limit));
        }
        return calls.run(
                ApiRequests.getRecords(shard, location, limit), new GetRecordsDecoder(shard));
    }

    @Override
    public CompletableFuture<RecordBatch> getRecords(
            ShardId shard, Location location, int limit, AnswerAdmission admission) {
        Objects.requireNonNull(admission, "admission");
        if (limit < 1) {
            return invalid(Operation.GET_RECORDS, shard, refuseLimit(limit));
        }
        return calls.runAdmitted(
                ApiRequests.getRecords(shard, location, limit),
                new GetRecordsDecoder(shard),
                admission);
    }

    @Override
    public CompletableFuture<OptionalLong> getCommittedSequenceNumber(
            ShardId shard, String consumerGroup) {
        String refusal = CommittedPosition.refuseGroup(consumerGroup);
        if (refusal != null) {
            return invalid(Operation.GET_ITEM, shard, refusal);
        }
        return calls.run(
                ApiRequests.getCommittedSequenceNumber(shard, consumerGroup),
                SmallAnswers.committedSequenceNumber(consumerGroup),
                V3ioException.Kind.NOT_FOUND,
                OptionalLong::empty);
    }

    @Override
    public CompletableFuture<Void> commitSequenceNumber(
            ShardId shard, String consumerGroup, long sequenceNumber) {
        String refusal = CommittedPosition.refuseGroup(consumerGroup);
        if (refusal != null) {
            return invalid(Operation.PUT_ITEM, shard, refusal);
        }
        if (sequenceNumber < 1) {
            return invalid(
                    Operation.PUT_ITEM,
                    shard,
                    "The sequence number must be 1 or more, not " + sequenceNumber + ".");
        }
        return calls.run(
                ApiRequests.commitSequenceNumber(shard, consumerGroup, sequenceNumber),
                AnswerDecoder.NOTHING);
    }

    @Override
    public CompletableFuture<Boolean> createGroupState(StreamPath stream, String consumerGroup) {
        String refusal = CommittedPosition.refuseGroup(consumerGroup);
        if (refusal != null) {
            return invalid(Operation.PUT_ITEM, stream, refusal);
        }
        return calls.run(
                ApiRequests.createGroupState(stream, consumerGroup),
                (body, length) -> {
                    AnswerDecoder.NOTHING.decode(body, length);
                    return true;
                },
                V3ioException.Kind.CONDITION_FAILED,
                () -> false);
    }

    @Override
    public CompletableFuture<Optional<String>> getGroupState(
            StreamPath stream, String consumerGroup) {
        String refusal = CommittedPosition.refuseGroup(consumerGroup);
        if (refusal != null) {
            return invalid(Operation.GET_ITEM, stream, refusal);
        }
        return calls.run(
                ApiRequests.getGroupState(stream, consumerGroup),
                SmallAnswers::groupState,
                V3ioException.Kind.NOT_FOUND,
                Optional::empty);
    }

    @Override
    public CompletableFuture<SortedMap<ShardId, Long>> newestSequenceNumbers(StreamPath stream) {
        return StreamListings.newestSequenceNumbers(calls, stream);
    }

    @Override
    public CompletableFuture<SortedMap<ShardId, Long>> newestSequenceNumbers(
            Collection<ShardId> shards) {
        return NewestNumbers.ask(calls, List.copyOf(shards));
    }

    @Override
    public CompletableFuture<OptionalLong> newestSequenceNumber(ShardId shard) {
        return NewestNumbers.ask(calls, shard);
    }

    @Override
    public CompletableFuture<List<StreamListing>> listStreams(String container, String path) {
        String trimmed = StreamListings.trimSlashes(path);
        String refusal = StreamListings.refuseDirectory(container, trimmed);
        if (refusal != null) {
            return invalid(Operation.LIST, container + "/" + trimmed, refusal);
        }
        return StreamListings.streams(calls, container, trimmed);
    }

    @Override
    public CompletableFuture<Void> putObject(String container, String path, byte[] data) {
        String refusal = StreamListings.refuseDirectory(container, path);
        return refusal == null
                ? calls.run(ApiRequests.putObject(container, path, data), AnswerDecoder.NOTHING)
                : invalid(Operation.PUT_OBJECT, container + "/" + path, refusal);
    }

    @Override
    public CompletableFuture<byte[]> getObject(String container, String path) {
        String refusal = StreamListings.refuseDirectory(container, path);
        return refusal == null
                ? calls.run(ApiRequests.getObject(container, path), Arrays::copyOf)
                : invalid(Operation.GET_OBJECT, container + "/" + path, refusal);
    }

    @Override
    public CompletableFuture<Void> deleteObject(String container, String path) {
        String refusal = StreamListings.refuseDirectory(container, path);
        return refusal == null
                ? calls.run(
                        ApiRequests.delete(container, path, ApiRequests.exists(container, path)),
                        AnswerDecoder.NOTHING,
                        V3ioException.Kind.NOT_FOUND,
                        () -> null)
                : invalid(Operation.DELETE_OBJECT, container + "/" + path, refusal);
    }

    @Override
    public CompletableFuture<List<String>> listObjects(String container, String directory) {
        String refusal = StreamListings.refuseDirectory(container, directory);
        return refusal == null
                ? StreamListings.objects(calls, container, directory)
                : invalid(Operation.LIST, container + "/" + directory, refusal);
    }

    @Override
    public String withoutSecrets(String text, int maxChars) {
        return calls.redaction.line(text, false, maxChars);
    }

    @Override
    public ClientMetrics metrics() {
        return runtime.counters();
    }

    @Override
    public void close() {
        runtime.close();
    }

    /** Names the server and the settings; secrets are masked. */
    @Override
    public String toString() {
        return "V3ioClient{" + runtime.config() + "}";
    }

    private <T> CompletableFuture<T> invalid(Operation operation, Object path, String complaint) {
        Objects.requireNonNull(path, "path");
        runtime.counters().failed();
        return CompletableFuture.failedFuture(
                Failures.invalidArgument(operation, path.toString(), complaint));
    }

    private static String refuseLimit(int limit) {
        return "The limit must be 1 or more, not " + limit + ".";
    }

    private static String refuseShardCount(int shardCount) {
        return "The shard count must be 1 to "
                + V3ioLimits.MAX_SHARDS
                + ", not "
                + shardCount
                + ".";
    }
}
