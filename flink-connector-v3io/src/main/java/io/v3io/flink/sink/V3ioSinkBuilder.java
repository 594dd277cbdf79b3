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

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientBuilder;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.model.StreamAddress;
import io.v3io.flink.builder.SettingRange;
import io.v3io.flink.builder.UserFunction;
import io.v3io.flink.sink.writer.SinkSettings;
import io.v3io.flink.sink.writer.V3ioElementConverter;

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.connector.base.DeliveryGuarantee;

import javax.annotation.Nullable;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * Configures a {@link V3ioSink}. Required: {@link #setStream} or {@link #setStreams}, and {@link
 * #setSerializationSchema}. A setter refuses a value out of range, {@link #build} what does not go
 * together, both with an {@link IllegalArgumentException}.
 *
 * @param <IN> type of the elements
 */
@PublicEvolving
public final class V3ioSinkBuilder<IN> {

    private static final int MAX_MAX_INLINE_SIZE = 256 * 1024 * 1024;
    private static final Duration MAX_LANDING_TIMEOUT = Duration.ofHours(1);

    /**
     * See {@link #configureClient}. Longer than the client's own: a failed sink restarts the whole
     * job.
     */
    public static final RetryPolicy DEFAULT_RETRY_POLICY =
            new RetryPolicy(
                    V3ioSinkOptions.RETRY_MAX_RETRIES.defaultValue(),
                    V3ioSinkOptions.RETRY_MAX_ELAPSED.defaultValue(),
                    V3ioSinkOptions.RETRY_INITIAL_BACKOFF.defaultValue(),
                    V3ioSinkOptions.RETRY_MAX_BACKOFF.defaultValue());

    private final V3ioClientBuilder client =
            V3ioClient.builder().setRetryPolicy(DEFAULT_RETRY_POLICY);

    private final TargetStreams streams = new TargetStreams();
    private final ElementRouting<IN> routing = new ElementRouting<>();
    private final RequestBounds bounds = new RequestBounds();
    @Nullable private SerializationSchema<IN> serializationSchema;
    @Nullable private ClientInfoSelector<? super IN> clientInfo;
    private boolean tagRecords = V3ioSinkOptions.TAG_RECORDS.defaultValue();
    @Nullable private InvalidRecordHandler invalidRecordHandler;
    @Nullable private OnInvalidRecord onInvalidRecord;
    private DeliveryGuarantee deliveryGuarantee = V3ioSinkOptions.DELIVERY_GUARANTEE.defaultValue();
    private MemorySize maxInlineSize = V3ioSinkOptions.MAX_INLINE_SIZE.defaultValue();
    @Nullable private Duration landingTimeout;
    private Duration takeoverDelay = V3ioSinkOptions.TAKEOVER_DELAY.defaultValue();

    V3ioSinkBuilder() {}

    /**
     * The server, as {@code [http://|https://]host[:port]}. Default: the environment variable
     * {@code V3IO_API} where the job is built, else {@code http://v3io-webapi:8081}.
     */
    public V3ioSinkBuilder<IN> setEndpoint(String endpoint) {
        client.setEndpoint(endpoint);
        return this;
    }

    /**
     * The access key itself, which becomes part of the job graph; prefer the environment or a file.
     * Default: the environment variable {@code V3IO_ACCESS_KEY} on the task managers.
     */
    public V3ioSinkBuilder<IN> setAccessKey(String accessKey) {
        client.setAccessKey(accessKey);
        return this;
    }

    /** A file on the task managers that holds the access key; it is read again when it changes. */
    public V3ioSinkBuilder<IN> setAccessKeyFile(Path file) {
        client.setAccessKeyFile(file);
        return this;
    }

    /**
     * Everything else about the client: TLS, proxy, connections, timeouts, and the retry policy.
     *
     * <p>The retry policy is that of the whole sink: how often and how long a request, or the
     * failed records of a request, are sent again before the job fails. A {@code Retry-After} of
     * the server raises its waits. After an answer that cannot be understood, such as a gateway's
     * page with status 200, a request is sent again twice at the most, because its records may be
     * stored already. Default: up to 100 times within 2 minutes, waiting up to 100 milliseconds at
     * first and up to 10 seconds later.
     */
    public V3ioSinkBuilder<IN> configureClient(Consumer<V3ioClientBuilder> configuration) {
        Objects.requireNonNull(configuration, "configuration").accept(client);
        return this;
    }

    /**
     * The stream, as {@code container/path} or any other form of {@link StreamAddress#parse}. A
     * server that it names is the endpoint, as in {@link #setEndpoint}; another one there is
     * refused when the sink is built. A sink has no consumer group, so one in the address is
     * refused.
     */
    public V3ioSinkBuilder<IN> setStream(String stream) {
        return setStreams(List.of(stream));
    }

    /**
     * The streams that elements may go to, each as in {@link #setStream}; {@link
     * #setStreamSelector} chooses among them. A request goes to one stream only, so that many
     * streams make smaller requests.
     */
    public V3ioSinkBuilder<IN> setStreams(List<String> streams) {
        this.streams.name(streams);
        return this;
    }

    /**
     * Chooses the stream of an element among those of {@link #setStreams}. An element for another
     * one is treated like a record over a limit.
     */
    public V3ioSinkBuilder<IN> setStreamSelector(StreamSelector<? super IN> selector) {
        routing.chooseStream(selector);
        return this;
    }

    /**
     * Creates each stream that is missing when the job starts. When several subtasks do so at the
     * same time, one creates it. A stream that exists stays as it is. Default: a missing stream
     * fails the job.
     *
     * @param shardCount shards of a new stream, 1 to 4,096
     * @param retentionHours hours that it keeps records, 1 to 8,760
     */
    public V3ioSinkBuilder<IN> setCreateStream(int shardCount, int retentionHours) {
        streams.create(shardCount, retentionHours);
        return this;
    }

    /** Makes the data of a record. Null, which some schemas return, fails the job. */
    public V3ioSinkBuilder<IN> setSerializationSchema(SerializationSchema<IN> schema) {
        this.serializationSchema = Objects.requireNonNull(schema, "schema");
        return this;
    }

    /**
     * Chooses the partition key of an element: records of one key are in one shard. Not together
     * with {@link #setShardId}; without either, the platform chooses the shard of each record.
     */
    public V3ioSinkBuilder<IN> setPartitionKey(PartitionKeySelector<? super IN> selector) {
        routing.choosePartitionKey(selector);
        return this;
    }

    /** Chooses the shard of an element. Not together with {@link #setPartitionKey}. */
    public V3ioSinkBuilder<IN> setShardId(ShardIdSelector<? super IN> selector) {
        routing.chooseShard(selector);
        return this;
    }

    /**
     * Who chooses the shard of an element; default {@link Partitioner#DEFAULT}. {@code FIXED} does
     * so without {@link #setPartitionKey}, {@code STOREY} by the key that this chooses, neither
     * together with {@link #setShardId}. When the stream grows, they follow within {@link
     * #setShardDiscoveryInterval}: with {@code STOREY} a key's new records then go to another
     * shard, as they do from a flow of storey that starts after the growth. A record that {@code
     * EXACTLY_ONCE} sends again keeps the shard that it was written for.
     */
    public V3ioSinkBuilder<IN> setPartitioner(Partitioner partitioner) {
        routing.leaveShardTo(partitioner);
        return this;
    }

    /**
     * How often a {@link #setPartitioner} other than the default asks for the number of shards. 1
     * millisecond to 1 day; default 1 minute.
     */
    public V3ioSinkBuilder<IN> setShardDiscoveryInterval(Duration interval) {
        routing.discoverShardsEvery(interval);
        return this;
    }

    /**
     * In which order the records of one partition key, or of one shard id, are stored, compared
     * with the order in which a subtask got them. Without a key and a shard, or with {@link
     * Partitioner#FIXED}, this is about all records of a subtask for one stream. Records whose key
     * or shard is null keep an order only with {@code STRICT}, all of them together.
     *
     * <p>Default: {@code RELAXED} with {@link #setPartitionKey}, {@link #setShardId} or {@code
     * FIXED}, otherwise {@code NONE}. With either order, records that are repeated after a failure
     * of the job are stored again, after those stored before.
     */
    public V3ioSinkBuilder<IN> setOrder(OrderGuarantee order) {
        routing.keep(order);
        return this;
    }

    /** Chooses the client info of an element. Default: none. */
    public V3ioSinkBuilder<IN> setClientInfo(ClientInfoSelector<? super IN> selector) {
        this.clientInfo = Objects.requireNonNull(selector, "selector");
        return this;
    }

    /**
     * {@code AT_LEAST_ONCE} (default): a checkpoint waits until all records before it are stored.
     * {@code NONE}: it does not wait; what is not known to be stored goes into the checkpoint, and
     * what came after the last checkpoint may be lost in a failure.
     *
     * <p>{@code EXACTLY_ONCE}: records are sent when the checkpoint that they belong to is
     * complete, each with a tag in its client info. After a failure the stream is read, and only
     * what is not there is sent again. So records appear at the pace of the checkpoints, the job
     * needs the right to read the streams, and {@link #setClientInfo} cannot be used. What this
     * rests on: see {@link #setLandingTimeout} and {@link #setTakeoverDelay}.
     */
    public V3ioSinkBuilder<IN> setDeliveryGuarantee(DeliveryGuarantee guarantee) {
        this.deliveryGuarantee = Objects.requireNonNull(guarantee, "guarantee");
        return this;
    }

    /**
     * Whether each record gets a tag in its client info, 16 bytes, by which {@code
     * V3ioSourceBuilder.setDropDuplicates} knows its copies; default false. A record has its tag
     * through all repetitions of its request and through checkpoints, but not when the job writes
     * it again after a failure. A reader looks for copies within a shard: with {@link
     * Partitioner#STOREY}, a request that is repeated after the stream has grown may go to another
     * shard, where its copy is not known. Not together with {@link #setClientInfo}. {@code
     * EXACTLY_ONCE} always writes tags.
     */
    public V3ioSinkBuilder<IN> setTagRecords(boolean tag) {
        this.tagRecords = tag;
        return this;
    }

    /**
     * What becomes of a record that can never be stored: over a limit of the platform, or refused
     * by the server for itself. Default: the job fails. Not together with {@link
     * #setInvalidRecordHandler}.
     */
    public V3ioSinkBuilder<IN> setOnInvalidRecord(OnInvalidRecord policy) {
        this.onInvalidRecord = Objects.requireNonNull(policy, "policy");
        return this;
    }

    /** Gets the records that can never be stored, in place of a policy. Default: none. */
    public V3ioSinkBuilder<IN> setInvalidRecordHandler(InvalidRecordHandler handler) {
        this.invalidRecordHandler = Objects.requireNonNull(handler, "handler");
        return this;
    }

    /**
     * The stream for the dead letters of {@link OnInvalidRecord#DEAD_LETTER}, or for the records
     * that the {@link #setInvalidRecordHandler} returns; one of the two must be set. Created like
     * the others by {@link #setCreateStream}. Default: none.
     */
    public V3ioSinkBuilder<IN> setDeadLetterStream(String stream) {
        streams.deadLettersGoTo(stream);
        return this;
    }

    /** Records of one request at the most. 1 to 1,000; default 1,000. */
    public V3ioSinkBuilder<IN> setMaxBatchSize(int records) {
        bounds.setMaxBatchSize(records);
        return this;
    }

    /**
     * Bytes of one request's JSON body at the most, base64 and punctuation counted. 2 KiB to 10
     * MiB; default 10 MiB. Lower it if a gateway before the server takes less (status 413). A
     * record that does not fit into a request, a third of its data added for base64, is treated
     * like one over a limit.
     */
    public V3ioSinkBuilder<IN> setMaxBatchSizeInBytes(MemorySize size) {
        bounds.setMaxBatchSizeInBytes(size);
        return this;
    }

    /**
     * Bytes of a record's data at the most, before base64. 1 byte to 2 MiB; default 1 MiB. What the
     * platform takes depends on its version: 1 MiB, 1,000,000 bytes, or 2 MiB. A larger record is
     * not sent; the policy or the handler for invalid records decides.
     */
    public V3ioSinkBuilder<IN> setMaxRecordSizeInBytes(MemorySize size) {
        bounds.setMaxRecordSizeInBytes(size);
        return this;
    }

    /**
     * After this time a record is sent though its request is not full. 1 millisecond to 1 hour;
     * default 1 second.
     */
    public V3ioSinkBuilder<IN> setMaxTimeInBuffer(Duration time) {
        bounds.setMaxTimeInBuffer(time);
        return this;
    }

    /**
     * Requests of one subtask under way together at the most, those included that wait to be sent
     * again. 1 to 1,000, and not more than the client's connections; default 16.
     */
    public V3ioSinkBuilder<IN> setMaxInFlightRequests(int requests) {
        bounds.setMaxInFlightRequests(requests);
        return this;
    }

    /**
     * Records of one subtask that wait to be sent at the most (Flink calls them requests); beyond
     * it there is backpressure. More than a batch, up to 10,000,000; default 10,000.
     */
    public V3ioSinkBuilder<IN> setMaxBufferedRequests(int records) {
        bounds.setMaxBufferedRequests(records);
        return this;
    }

    /**
     * Bytes of one subtask's records, as JSON, that wait or are in flight, from which on there is
     * backpressure. This is what bounds the memory when records are large. A full request at least;
     * default 64 MiB.
     */
    public V3ioSinkBuilder<IN> setMaxPendingBytes(MemorySize size) {
        bounds.setMaxPendingBytes(size);
        return this;
    }

    /**
     * With {@code EXACTLY_ONCE}: where records wait for their checkpoint when there are more than
     * {@link #setMaxInlineSize}; {@code container/path} of a directory, which is made if it is
     * missing. Not in the directory of a stream, and for this sink alone. Objects are removed when
     * their records are committed; what a dead attempt of the job has left is removed when the next
     * one starts, or when the streams' retention has passed if a savepoint or checkpoint may need
     * it. Default: none, and larger epochs fail the job.
     */
    public V3ioSinkBuilder<IN> setStagingDirectory(String directory) {
        streams.stageIn(directory);
        return this;
    }

    /**
     * With {@code EXACTLY_ONCE}: bytes of the records of one subtask between two checkpoints (data,
     * key and some more each) that go into the checkpoint itself. 1 to 256 MiB; default 16 MiB.
     */
    public V3ioSinkBuilder<IN> setMaxInlineSize(MemorySize size) {
        this.maxInlineSize = SettingRange.require("maxInlineSize", size, 1, MAX_MAX_INLINE_SIZE);
        return this;
    }

    /**
     * With {@code EXACTLY_ONCE}: the time after which a request whose answer never came has taken
     * effect, or never will. Records of such a request that are not in the stream by then are sent
     * again. If a platform or gateway lets a request wait for longer, its records are doubled; none
     * is lost. The metric {@code v3io.longestLandingMillis} tells the longest time seen. Up to 1
     * hour; default twice the client's response timeout.
     */
    public V3ioSinkBuilder<IN> setLandingTimeout(Duration timeout) {
        this.landingTimeout =
                SettingRange.require("landingTimeout", timeout, MAX_LANDING_TIMEOUT, "1 hour");
        return this;
    }

    /**
     * With {@code EXACTLY_ONCE}: the time within which an attempt of the job that Flink has
     * replaced by another one surely has stopped, counted from the start of the new one. It is
     * added to the landing timeout before records of the restored checkpoint that are not in the
     * stream are sent. Up to 1 hour; default 1 minute, which is more than Flink's default {@code
     * heartbeat.timeout}.
     */
    public V3ioSinkBuilder<IN> setTakeoverDelay(Duration delay) {
        this.takeoverDelay =
                SettingRange.require("takeoverDelay", delay, MAX_LANDING_TIMEOUT, "1 hour");
        return this;
    }

    /**
     * The sink.
     *
     * @throws IllegalArgumentException if a required setting is missing, settings contradict each
     *     other, or a function cannot be serialized
     */
    public V3ioSink<IN> build() {
        streams.checkSet();
        require(
                serializationSchema != null,
                "setSerializationSchema is missing: the sink needs to know how to write data.");
        routing.check(streams);
        checkInvalidRecords();
        streams.checkApart();
        boolean isExactlyOnce = deliveryGuarantee == DeliveryGuarantee.EXACTLY_ONCE;
        require(
                clientInfo == null || !(isExactlyOnce || tagRecords),
                "setClientInfo does not go with "
                        + (isExactlyOnce ? "EXACTLY_ONCE" : "setTagRecords")
                        + ", which keeps a tag in the client info of each record.");
        require(
                isExactlyOnce || streams.stagingDirectory() == null,
                "setStagingDirectory is for EXACTLY_ONCE; set it with setDeliveryGuarantee.");
        bounds.check();
        UserFunction.clean("setSerializationSchema", serializationSchema);
        UserFunction.clean("setClientInfo", clientInfo);
        UserFunction.clean("setInvalidRecordHandler", invalidRecordHandler);
        V3ioClientConfig config = client.toConfig(streams.addresses());
        bounds.check(config);
        SinkSettings settings =
                bounds.settings(
                        config,
                        routing.settings(streams),
                        deliveryGuarantee,
                        invalidRecords(config));
        V3ioElementConverter<IN> converter =
                new V3ioElementConverter<>(
                        streams.elements(),
                        settings.recordLimits(),
                        routing.streamSelector(),
                        serializationSchema,
                        routing.partitionKey(),
                        routing.shardId(),
                        clientInfo,
                        tagRecords && !isExactlyOnce);
        return isExactlyOnce
                ? new ExactlyOnceSink<>(settings, exactlyOnce(config), converter)
                : new V3ioSink<>(settings, exactlyOnce(config), converter);
    }

    private void checkInvalidRecords() {
        require(
                invalidRecordHandler == null || onInvalidRecord == null,
                "setInvalidRecordHandler and setOnInvalidRecord are both set; choose one.");
        boolean hasDeadLetters = onInvalidRecord == OnInvalidRecord.DEAD_LETTER;
        boolean hasStream = streams.deadLetters() != null;
        require(
                !hasStream || hasDeadLetters || invalidRecordHandler != null,
                "setDeadLetterStream needs setOnInvalidRecord with DEAD_LETTER (or"
                        + " setInvalidRecordHandler).");
        require(
                !hasDeadLetters || hasStream,
                "setOnInvalidRecord with DEAD_LETTER needs setDeadLetterStream.");
        if (hasDeadLetters) {
            bounds.checkDeadLettersFit();
        }
    }

    private SinkSettings.OfInvalidRecords invalidRecords(V3ioClientConfig config) {
        return new SinkSettings.OfInvalidRecords(
                onInvalidRecord == null
                        ? V3ioSinkOptions.ON_INVALID_RECORD.defaultValue()
                        : onInvalidRecord,
                invalidRecordHandler,
                streams.deadLetters(),
                config.endpoint().toString());
    }

    private SinkSettings.ExactlyOnce exactlyOnce(V3ioClientConfig config) {
        return new SinkSettings.ExactlyOnce(
                streams.stagingDirectory(),
                (int) maxInlineSize.getBytes(),
                landingTimeout == null ? config.responseTimeout().multipliedBy(2) : landingTimeout,
                takeoverDelay,
                UUID.randomUUID());
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
