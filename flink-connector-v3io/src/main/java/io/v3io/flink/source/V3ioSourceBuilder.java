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

package io.v3io.flink.source;

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.model.StreamAddress;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.builder.SettingRange;
import io.v3io.flink.builder.UserFunction;
import io.v3io.flink.deadletter.DeadLetter;
import io.v3io.flink.source.enumerator.EnumeratorSettings;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.configuration.MemorySize;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Configures a {@link V3ioSource}. A value that is out of range is refused by its setter, a
 * combination that makes no sense by {@link #build()}; both name the setting.
 *
 * @param <OUT> type of the elements
 */
@PublicEvolving
public final class V3ioSourceBuilder<OUT> {

    /**
     * How transient failures are repeated unless {@link #configureClient} sets another policy.
     * Longer than the client's own: a job should outlive an outage of the platform rather than
     * restart in it.
     */
    public static final RetryPolicy DEFAULT_RETRY_POLICY =
            new RetryPolicy(
                    1_000, Duration.ofMinutes(5), Duration.ofMillis(50), Duration.ofSeconds(5));

    private final V3ioClientBuilder client =
            V3ioClient.builder().setRetryPolicy(DEFAULT_RETRY_POLICY);
    private final SubscribedStreams streams = new SubscribedStreams();
    private final ReadingBounds bounds = new ReadingBounds();
    private OnDeletedStream onDeletedStream = V3ioSourceOptions.ON_DELETED_STREAM.defaultValue();
    private OnUnsubscribedStream onUnsubscribedStream =
            V3ioSourceOptions.ON_UNSUBSCRIBED_STREAM.defaultValue();
    private OnMissingStream onMissingStream = V3ioSourceOptions.ON_MISSING_STREAM.defaultValue();
    private ShardAssigner shardAssigner = ShardAssigner.balanced();
    private Duration discoveryInterval = V3ioSourceOptions.SHARD_DISCOVERY_INTERVAL.defaultValue();
    private OnDataLoss onDataLoss = V3ioSourceOptions.ON_DATA_LOSS.defaultValue();
    private OnDeserializationFailure onDeserializationFailure =
            V3ioSourceOptions.ON_DESERIALIZATION_FAILURE.defaultValue();
    @Nullable private V3ioDeserializationSchema<OUT> deserializer;

    V3ioSourceBuilder() {}

    /**
     * The platform's web API, for example {@code http://v3io-webapi:8081}. Default: the
     * environment's {@code V3IO_API} where the job is built, else {@code http://v3io-webapi:8081}.
     */
    public V3ioSourceBuilder<OUT> setEndpoint(String endpoint) {
        client.setEndpoint(endpoint);
        return this;
    }

    /**
     * The access key. It then travels with the job graph; prefer the default, the environment's
     * {@code V3IO_ACCESS_KEY} where the job runs, or {@link #setAccessKeyFile}.
     */
    public V3ioSourceBuilder<OUT> setAccessKey(String accessKey) {
        client.setAccessKey(accessKey);
        return this;
    }

    /**
     * A file with the access key on every machine that the job runs on; read again when it changes.
     */
    public V3ioSourceBuilder<OUT> setAccessKeyFile(Path file) {
        client.setAccessKeyFile(file);
        return this;
    }

    /**
     * Everything else about the connection: TLS, proxy, timeouts, number of connections,
     * repetitions.
     */
    public V3ioSourceBuilder<OUT> configureClient(Consumer<V3ioClientBuilder> settings) {
        settings.accept(client);
        return this;
    }

    /**
     * The stream to read, as {@code container/path} or another form of {@link StreamAddress#parse}.
     * A server that it names is the endpoint, as in {@link #setEndpoint}, and a consumer group that
     * for {@link #setConsumerGroup}; what is set otherwise there is refused when the source is
     * built.
     */
    public V3ioSourceBuilder<OUT> setStream(String stream) {
        return setStreams(List.of(stream));
    }

    /**
     * The streams to read, each as in {@link #setStream}; replaces what was set before. A job that
     * is restored from a checkpoint goes on with the streams in it, also with those that are not
     * set any more, unless {@link #setOnUnsubscribedStream} says otherwise. Not together with
     * {@link #setStreamPattern}.
     */
    public V3ioSourceBuilder<OUT> setStreams(List<String> streams) {
        this.streams.name(streams);
        return this;
    }

    /**
     * All streams directly under a directory whose names match a pattern. While the source is
     * unbounded, streams that are created there later are found at the interval of shard discovery
     * and read from their first record, whatever the starting position is. Not together with {@link
     * #setStream} or {@link #setStreams}.
     *
     * @param directory {@code container/path} or only {@code container}, without a pattern
     * @param names matches the whole name of a stream, without its directory; for example {@code
     *     Pattern.compile("orders-.*")}
     */
    public V3ioSourceBuilder<OUT> setStreamPattern(String directory, Pattern names) {
        streams.match(directory, names);
        return this;
    }

    /**
     * What to do when a stream does not exist when the job starts, or no stream matches the
     * pattern: {@link V3ioSourceOptions#ON_MISSING_STREAM}, default fail.
     */
    public V3ioSourceBuilder<OUT> setOnMissingStream(OnMissingStream choice) {
        this.onMissingStream = Objects.requireNonNull(choice, "onMissingStream");
        return this;
    }

    /**
     * What to do when a stream that is read is deleted: {@link
     * V3ioSourceOptions#ON_DELETED_STREAM}, default fail.
     */
    public V3ioSourceBuilder<OUT> setOnDeletedStream(OnDeletedStream choice) {
        this.onDeletedStream = Objects.requireNonNull(choice, "onDeletedStream");
        return this;
    }

    /**
     * What to do with a stream of the checkpoint that is not subscribed any more: {@link
     * V3ioSourceOptions#ON_UNSUBSCRIBED_STREAM}, default read on.
     */
    public V3ioSourceBuilder<OUT> setOnUnsubscribedStream(OnUnsubscribedStream choice) {
        this.onUnsubscribedStream = Objects.requireNonNull(choice, "onUnsubscribedStream");
        return this;
    }

    /** Where a job without a checkpoint starts. Default: {@link StartingPosition#earliest()}. */
    public V3ioSourceBuilder<OUT> setStartingPosition(StartingPosition position) {
        streams.startAt(position);
        return this;
    }

    /**
     * Where a job without a checkpoint starts in one stream; in the others as {@link
     * #setStartingPosition(StartingPosition)} says.
     *
     * @param stream one of those that are read, as in {@link #setStream}
     */
    public V3ioSourceBuilder<OUT> setStartingPosition(String stream, StartingPosition position) {
        streams.startAt(StreamPath.parse(stream), position);
        return this;
    }

    /**
     * Where the source ends, which makes it bounded: it can then run in batch mode, too. Default:
     * it never ends. Not together with {@link #setUnbounded}.
     */
    public V3ioSourceBuilder<OUT> setBounded(StoppingPosition position) {
        streams.stopAt(position, Boundedness.BOUNDED);
        return this;
    }

    /**
     * Where one stream ends; the others as {@link #setBounded(StoppingPosition)} or {@link
     * #setUnbounded} says, one of which must be called.
     *
     * @param stream one of those that are read, as in {@link #setStream}
     */
    public V3ioSourceBuilder<OUT> setBounded(String stream, StoppingPosition position) {
        streams.stopAt(StreamPath.parse(stream), position);
        return this;
    }

    /**
     * Where the source ends, although to Flink it is an unbounded one: the job runs in streaming
     * mode, with checkpoints, watermarks and results as they come, until every shard has reached
     * the position. As with {@link #setBounded}, the position is resolved when the job starts, and
     * no new shards are looked for.
     */
    public V3ioSourceBuilder<OUT> setUnbounded(StoppingPosition position) {
        streams.stopAt(position, Boundedness.CONTINUOUS_UNBOUNDED);
        return this;
    }

    /**
     * A group whose positions are committed on the shards whenever a checkpoint has completed, as
     * v3io-go does, so that Nuclio functions and lag monitors can follow the job or go on where it
     * ended. A bounded read without checkpoints, as in batch mode, commits when it ends; an
     * unbounded one without checkpoints never does. Never used by a restore. Default: none.
     *
     * @param group letters, digits and {@code _}, not beginning with {@code _}, at most 128
     */
    public V3ioSourceBuilder<OUT> setConsumerGroup(String group) {
        streams.commitFor(group);
        return this;
    }

    /**
     * Reads only the shards with these ids, of every stream; the others cost nothing. A stream need
     * not have them, or may get them later by growth. A job that is restored from a checkpoint goes
     * on with the shards in it, and never reads those that were known and left out before. Default:
     * all shards.
     *
     * @param ids each 0 to 4,095, one at least
     */
    public V3ioSourceBuilder<OUT> setShardIds(Set<Integer> ids) {
        streams.readShards(ids);
        return this;
    }

    /**
     * Reads only the shards with these ids of one stream; of the others as {@link
     * #setShardIds(Set)} says.
     *
     * @param stream one of those that are read, as in {@link #setStream}
     * @param ids each 0 to 4,095, one at least
     */
    public V3ioSourceBuilder<OUT> setShardIds(String stream, Set<Integer> ids) {
        streams.readShards(StreamPath.parse(stream), ids);
        return this;
    }

    /**
     * Chooses the subtask that reads a shard, instead of {@link ShardAssigner#balanced()}, the
     * default.
     */
    public V3ioSourceBuilder<OUT> setShardAssigner(ShardAssigner assigner) {
        this.shardAssigner = Objects.requireNonNull(assigner, "shardAssigner");
        return this;
    }

    /**
     * Elements after which a reader may end although there is more to read: for whoever needs only
     * so many of them, whichever these are. Each subtask counts its own, so that the source emits
     * as many at least, if there are. Only together with {@link #setBounded}. Default: none.
     *
     * @param elements 1 or more
     */
    public V3ioSourceBuilder<OUT> setElementLimit(long elements) {
        bounds.setElementLimit(elements);
        return this;
    }

    /** How records become elements, seeing the whole record. */
    public V3ioSourceBuilder<OUT> setDeserializer(V3ioDeserializationSchema<OUT> deserializer) {
        this.deserializer = Objects.requireNonNull(deserializer, "deserializer");
        return this;
    }

    /** How records become elements, seeing their data only. */
    public V3ioSourceBuilder<OUT> setDeserializer(DeserializationSchema<OUT> deserializer) {
        return setDeserializer(V3ioDeserializationSchema.dataOnly(deserializer));
    }

    /**
     * How often an unbounded source looks for added shards: {@link
     * V3ioSourceOptions#SHARD_DISCOVERY_INTERVAL}, default 10 s, zero for never. Discovery also
     * notices that a stream was deleted whose shards have no record yet.
     */
    public V3ioSourceBuilder<OUT> setShardDiscoveryInterval(Duration interval) {
        if (interval.isNegative() || (!interval.isZero() && interval.toMillis() == 0)) {
            throw SettingRange.outside("shardDiscoveryInterval", interval, "0 or at least 1 ms");
        }
        this.discoveryInterval = interval;
        return this;
    }

    /**
     * Records that one request asks for: {@link V3ioSourceOptions#FETCH_MAX_RECORDS}, default
     * 1,000.
     */
    public V3ioSourceBuilder<OUT> setMaxRecordsPerRequest(int records) {
        bounds.setMaxRecordsPerRequest(records);
        return this;
    }

    /** Bytes that one reader holds: {@link V3ioSourceOptions#FETCH_BUFFER_SIZE}, default 64 MB. */
    public V3ioSourceBuilder<OUT> setBufferSize(MemorySize size) {
        bounds.setBufferSize(size);
        return this;
    }

    /**
     * Requests of one shard that may be under way at a time: {@link
     * V3ioSourceOptions#FETCH_READ_AHEAD}, default 16; 1 for never more than one.
     */
    public V3ioSourceBuilder<OUT> setReadAhead(int requests) {
        bounds.setReadAhead(requests);
        return this;
    }

    /**
     * How long a shard with nothing new is left alone: {@link V3ioSourceOptions#IDLE_PAUSE_MIN},
     * default 10 ms, doubling to {@link V3ioSourceOptions#IDLE_PAUSE_MAX}, default 250 ms.
     */
    public V3ioSourceBuilder<OUT> setIdlePause(Duration shortest, Duration longest) {
        bounds.setIdlePause(shortest, longest);
        return this;
    }

    /**
     * Records that the source emits in a second, all subtasks together: {@link
     * V3ioSourceOptions#RATE_LIMIT_RECORDS}, default no limit. Each subtask has the same share,
     * also after a restore with another parallelism; the share of one without shards is not used.
     *
     * @param records 1 or more
     */
    public V3ioSourceBuilder<OUT> setMaxRecordsPerSecond(long records) {
        bounds.setMaxRecordsPerSecond(records);
        return this;
    }

    /**
     * Bytes of data that the source emits in a second, all subtasks together: {@link
     * V3ioSourceOptions#RATE_LIMIT_BYTES}, default no limit. Shared as {@link
     * #setMaxRecordsPerSecond} is; both may be set.
     *
     * @param size 1 byte or more
     */
    public V3ioSourceBuilder<OUT> setMaxBytesPerSecond(MemorySize size) {
        bounds.setMaxBytesPerSecond(size);
        return this;
    }

    /**
     * Whether a record is dropped whose client info has 16 bytes and was that of an earlier record
     * of its shard: {@link V3ioSourceOptions#DROP_DUPLICATES}, default false. This is for streams
     * that this connector's sink writes with tags, which differ for all records: {@code
     * EXACTLY_ONCE}, or {@code V3ioSinkBuilder.setTagRecords}. There such a record is a copy, made
     * by a request that was sent again or came late, or by the platform. Do not set it for a stream
     * whose writers put something else of 16 bytes into the client info. Copies in another shard
     * are not found, so records need a key or a shard. What is remembered is in checkpoints. The
     * metric {@code v3io.copiesDropped} counts.
     */
    public V3ioSourceBuilder<OUT> setDropDuplicates(boolean drop) {
        bounds.setDropDuplicates(drop);
        return this;
    }

    /**
     * For how long a record is remembered to know its copies; whichever bound is reached first.
     * {@link V3ioSourceOptions#DROP_DUPLICATES_MAX_RECORDS}, default 100,000, and {@link
     * V3ioSourceOptions#DROP_DUPLICATES_MAX_TIME}, default 10 minutes.
     *
     * @param maxRecords of one shard, 1 to 10,000,000; each takes some 110 bytes of memory, and 2
     *     to 27 bytes of state
     * @param maxTime from its arrival to that of the shard's newest record, 1 ms to 7 days
     */
    public V3ioSourceBuilder<OUT> setDropDuplicatesWindow(int maxRecords, Duration maxTime) {
        bounds.setDropDuplicatesWindow(maxRecords, maxTime);
        return this;
    }

    /**
     * How far behind the newest record a shard must be, when its reading begins, to be a backlog to
     * Flink until it has caught up: {@link V3ioSourceOptions#BACKLOG_THRESHOLD}, default never.
     * That holds for a start as for a restore; a lag that grows later is load, and no backlog.
     * While there is one, Flink takes checkpoints at {@code
     * execution.checkpointing.interval-during-backlog} and tells the operators. Without effect on a
     * bounded source.
     *
     * @param threshold from the arrival of the last record received to that of the shard's newest
     *     one; 1 ms or more
     */
    public V3ioSourceBuilder<OUT> setBacklogThreshold(Duration threshold) {
        bounds.setBacklogThreshold(threshold);
        return this;
    }

    /** What to do when records are gone: {@link V3ioSourceOptions#ON_DATA_LOSS}, default fail. */
    public V3ioSourceBuilder<OUT> setOnDataLoss(OnDataLoss choice) {
        this.onDataLoss = Objects.requireNonNull(choice, "onDataLoss");
        return this;
    }

    /**
     * What to do with a record that cannot be deserialized: {@link
     * V3ioSourceOptions#ON_DESERIALIZATION_FAILURE}, default fail.
     */
    public V3ioSourceBuilder<OUT> setOnDeserializationFailure(OnDeserializationFailure choice) {
        this.onDeserializationFailure = Objects.requireNonNull(choice, "onDeserializationFailure");
        return this;
    }

    /**
     * Where records go that cannot be deserialized, together with where they came from and why (see
     * {@link DeadLetter}). Needs {@link #setOnDeserializationFailure} with {@link
     * OnDeserializationFailure#DEAD_LETTER}. The stream must exist, be on the same platform, be
     * writable by the same access key, and not be read by this source. A checkpoint waits until the
     * dead letters of all records before it are stored. The job fails when that cannot be done, or
     * lasts longer than the retry policy allows ({@link #configureClient}). After a failure of the
     * job a dead letter may be stored again.
     *
     * @param stream as in {@link #setStream}, but without a consumer group
     */
    public V3ioSourceBuilder<OUT> setDeadLetterStream(String stream) {
        streams.deadLettersGoTo(stream);
        return this;
    }

    /**
     * The source.
     *
     * @throws IllegalArgumentException if something is missing or does not fit together
     */
    public V3ioSource<OUT> build() {
        streams.checkSet();
        if (deserializer == null) {
            throw new IllegalArgumentException("No deserializer is set: call setDeserializer.");
        }
        Boundedness boundedness = streams.boundedness();
        bounds.check(boundedness);
        String consumerGroup = streams.consumerGroup();
        streams.checkDeadLetters(onDeserializationFailure);
        UserFunction.clean("setShardAssigner", shardAssigner);
        UserFunction.clean("setDeserializer", deserializer);
        V3ioClientConfig clientConfig = client.toConfig(streams.addresses());
        return new V3ioSource<>(
                clientConfig,
                new EnumeratorSettings(
                        streams.subscription(),
                        streams.readings(),
                        discoveryInterval,
                        onMissingStream,
                        onDeletedStream,
                        onUnsubscribedStream,
                        shardAssigner,
                        bounds.watchBacklog(boundedness)),
                boundedness,
                bounds.settings(
                        clientConfig,
                        boundedness,
                        onDataLoss,
                        onDeletedStream,
                        onDeserializationFailure,
                        streams.deadLetters(clientConfig)),
                consumerGroup,
                deserializer);
    }
}
