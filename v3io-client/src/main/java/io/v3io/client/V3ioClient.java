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

package io.v3io.client;

import io.v3io.client.annotation.Internal;
import io.v3io.client.annotation.PublicEvolving;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamListing;
import io.v3io.client.model.StreamPath;

import javax.annotation.Nullable;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;

/**
 * A client of the V3IO Streaming Web API. Thread-safe; meant to be shared by all that one reader,
 * writer or enumerator does. Nothing blocks: every operation returns at once with a future, and
 * many may be in flight together; no thread waits for any of them.
 *
 * <p>Futures fail with a {@link V3ioException}, never wrapped when handed to {@code whenComplete}.
 * They complete on the client's I/O threads, which have also decoded the answer, or on its timer
 * thread when time is over; with refused arguments or a closed client before the call returns. A
 * dependent stage must not block there. Cancelling a future gives up its request and its
 * connection; whether the server has acted on it is then unknown.
 *
 * <p>Transient failures are repeated inside, with exponential back-off and full jitter within the
 * bounds of the {@link RetryPolicy}, when a repetition cannot do anything twice: reading
 * operations, deletion and commits always; {@link #createStream}, {@link #updateStream} and {@link
 * #putRecords} only when the server certainly did not act on the request (the connection was
 * refused, or the answer was 429).
 */
@PublicEvolving
public interface V3ioClient extends AutoCloseable {

    /** Starts a client's configuration. */
    static V3ioClientBuilder builder() {
        return new V3ioClientBuilder();
    }

    /** Starts a client with these settings. */
    static V3ioClient create(V3ioClientConfig config) {
        return new io.v3io.client.http.HttpV3ioClient(config);
    }

    /**
     * Why the platform cannot keep positions under this name of a consumer group: a name has 1 to
     * 128 letters, digits and underscores, and does not begin with an underscore.
     *
     * @return a sentence; null if the name will do
     */
    @Nullable
    static String refuseConsumerGroup(String consumerGroup) {
        return io.v3io.client.wire.CommittedPosition.refuseGroup(consumerGroup);
    }

    /**
     * Creates a stream. Fails with {@link V3ioException.Kind#ALREADY_EXISTS} when something is at
     * its path.
     *
     * @param shardCount 1 to 4,096
     * @param retentionHours 1 to 8,760
     */
    CompletableFuture<Void> createStream(StreamPath stream, int shardCount, int retentionHours);

    /** Shard count and retention of a stream; {@link V3ioException.Kind#NOT_FOUND} without it. */
    CompletableFuture<StreamDescription> describeStream(StreamPath stream);

    /**
     * Grows a stream.
     *
     * @param shardCount more than the stream has now, at most 4,096; anything else fails with
     *     {@link V3ioException.Kind#INVALID_ARGUMENT}
     */
    CompletableFuture<Void> updateStream(StreamPath stream, int shardCount);

    /**
     * Deletes a stream with all that is in its directory. There is no such operation on the
     * platform: this lists the directory, deletes each object in it, then the directory. {@link
     * V3ioException.Kind#NOT_FOUND} without it. When it fails half-way, the rest remains and it can
     * be called again.
     */
    CompletableFuture<Void> deleteStream(StreamPath stream);

    /**
     * Stores records. A completed future does not mean that all were stored: look at each result.
     *
     * <p>A list that breaks a limit of {@link io.v3io.client.model.V3ioLimits} fails with {@link
     * V3ioException.Kind#INVALID_ARGUMENT} naming the record, and nothing is sent. A request that
     * failed otherwise may have been stored in whole or in part, unless {@link
     * V3ioException#neverSent()}; storing again may duplicate.
     *
     * @param records 1 to 1,000
     * @return a result per record, in the same order
     */
    CompletableFuture<List<PutResult>> putRecords(StreamPath stream, List<PutRecord> records);

    /**
     * Finds the location of a position in a shard. {@link V3ioException.Kind#NOT_FOUND} before the
     * shard's first record, too; {@link V3ioException.Kind#INVALID_ARGUMENT} for a sequence number
     * that the shard does not hold.
     */
    CompletableFuture<Location> seek(ShardId shard, SeekPosition position);

    /**
     * Reads records from a location on. {@link V3ioException.Kind#ILLEGAL_LOCATION} when it died.
     *
     * @param limit records at the most, 1 or more; the server also ends at 10 MB
     */
    CompletableFuture<RecordBatch> getRecords(ShardId shard, Location location, int limit);

    /**
     * As {@link #getRecords(ShardId, Location, int)}, but the body of the answer is only read if
     * the admission agrees to its size; {@link V3ioException.Kind#NOT_ADMITTED} if it does not.
     *
     * @param admission asked for every attempt of this request; one that many requests share cannot
     *     tell them apart
     */
    CompletableFuture<RecordBatch> getRecords(
            ShardId shard, Location location, int limit, AnswerAdmission admission);

    /**
     * The last processed sequence number that a consumer group committed for a shard (v3io-go's
     * convention); empty without one, also before the shard's first record.
     */
    CompletableFuture<OptionalLong> getCommittedSequenceNumber(ShardId shard, String consumerGroup);

    /**
     * Commits the last processed sequence number of a consumer group. {@link
     * V3ioException.Kind#NOT_FOUND} or {@link V3ioException.Kind#CONDITION_FAILED} when there is no
     * such shard.
     */
    CompletableFuture<Void> commitSequenceNumber(
            ShardId shard, String consumerGroup, long sequenceNumber);

    /**
     * Makes the state object of a consumer group with no member in it, unless there is one: v3ctl
     * and other tools on top of v3io-go see only groups that have such an object.
     *
     * @return whether it was made; false if there was one, which is left as it is
     */
    CompletableFuture<Boolean> createGroupState(StreamPath stream, String consumerGroup);

    /**
     * The state of a consumer group as v3io-go keeps it, the members with their last heartbeats, in
     * JSON: {@code {"schema_version": "0.0.1", "session_states": [{"member_id": ...,
     * "last_heartbeat_time": ..., "shards": [...]}]}}. Empty if the group has no state object.
     */
    CompletableFuture<Optional<String>> getGroupState(StreamPath stream, String consumerGroup);

    /**
     * The newest sequence number of every shard that has been born, by one (paged) listing of the
     * stream's directory; shards whose number the listing does not tell are asked for it, 16 at a
     * time. {@link V3ioException.Kind#NOT_FOUND} without the directory. {@link
     * V3ioException.Kind#PERMISSION_DENIED} with {@link Operation#LIST} where the access key may
     * not list: then ask {@linkplain #newestSequenceNumbers(Collection) the shards}.
     */
    CompletableFuture<SortedMap<ShardId, Long>> newestSequenceNumbers(StreamPath stream);

    /**
     * The newest sequence numbers of those of the shards that have been born. Lists nothing: asks
     * each shard as {@link #newestSequenceNumber} does, 16 at a time, and fails with the first one
     * that fails.
     */
    CompletableFuture<SortedMap<ShardId, Long>> newestSequenceNumbers(Collection<ShardId> shards);

    /**
     * The newest sequence number of a shard, from its own attributes (GetItem); empty before its
     * first record, also if there is no such stream. {@link V3ioException.Kind#UNEXPECTED} on a
     * platform before 2.10, which has no such attribute.
     */
    CompletableFuture<OptionalLong> newestSequenceNumber(ShardId shard);

    /**
     * The streams directly under a directory.
     *
     * @param container name of the container
     * @param path the directory in it; empty for the container's root
     */
    CompletableFuture<List<StreamListing>> listStreams(String container, String path);

    /**
     * Stores a plain object, in place of one that may be at its path.
     *
     * @param container name of the container
     * @param path the object's path in it
     * @param data its content, not copied; it must not change before the future has completed
     */
    CompletableFuture<Void> putObject(String container, String path, byte[] data);

    /** Reads a plain object; {@link V3ioException.Kind#NOT_FOUND} without it. */
    CompletableFuture<byte[]> getObject(String container, String path);

    /** Deletes a plain object. One that is not there counts as deleted. */
    CompletableFuture<Void> deleteObject(String container, String path);

    /**
     * The names of the objects directly in a directory, without its path; none if there is no such
     * directory.
     */
    CompletableFuture<List<String>> listObjects(String container, String directory);

    /**
     * Text of others made fit to be shown or stored: one line, cut, and without the access keys and
     * passwords that this client has sent, in whatever encoding they are in it.
     *
     * @param maxChars characters at the most; "..." follows where more was there
     */
    @Internal
    String withoutSecrets(String text, int maxChars);

    /** What this client has done since it was built. */
    ClientMetrics metrics();

    /**
     * Ends all requests, whose futures fail with {@link V3ioException.Kind#CLOSED}, and releases
     * connections and threads. Idempotent.
     */
    @Override
    void close();
}
