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

import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutRecordsSize;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;
import io.v3io.flink.sink.InvalidRecordHandler;
import io.v3io.flink.sink.OnInvalidRecord;
import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.Partitioner;
import io.v3io.flink.sink.state.RoutedRecord;

import org.apache.flink.annotation.Internal;
import org.apache.flink.connector.base.DeliveryGuarantee;

import javax.annotation.Nullable;

import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * What a user chose, checked and complete; part of the job graph. An access key is in it only if it
 * was given literally ({@link V3ioClientConfig}).
 *
 * @param client how the server is reached; its retry policy is the sink's
 * @param routing where to write, and in which order
 * @param deliveryGuarantee {@code AT_LEAST_ONCE} or {@code NONE}
 * @param invalidRecords what becomes of records that can never be stored
 * @param maxBatchSize records of one request at the most
 * @param maxBatchSizeInBytes bytes of one request's JSON body at the most
 * @param maxTimeInBuffer after this time a record is sent though its request is not full
 * @param maxInFlightRequests requests under way together at the most
 * @param maxBufferedRequests records waiting to be sent at the most
 * @param maxPendingBytes bytes of JSON waiting to be sent or in flight, from which on the writer
 *     takes no more
 * @param maxRecordSize bytes of a record's data at the most
 */
@Internal
public record SinkSettings(
        V3ioClientConfig client,
        Routing routing,
        DeliveryGuarantee deliveryGuarantee,
        OfInvalidRecords invalidRecords,
        int maxBatchSize,
        long maxBatchSizeInBytes,
        Duration maxTimeInBuffer,
        int maxInFlightRequests,
        int maxBufferedRequests,
        long maxPendingBytes,
        int maxRecordSize)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    /** For pauses of the process and of the machine. */
    private static final Duration SLACK = Duration.ofMinutes(10);

    /** What the longest shard id adds to the JSON of a record. */
    private static final int LONGEST_SHARD_ID_BYTES =
            (int)
                    (PutRecord.of(new byte[0])
                                    .withShardId(V3ioLimits.MAX_SHARDS - 1)
                                    .encodedSizeBytes()
                            - PutRecord.of(new byte[0]).encodedSizeBytes());

    /**
     * When the base class fails the job because of a batch: longer than any job, short enough to be
     * added to a time in milliseconds. A batch takes as long as its requests do, which may be many,
     * and each of them keeps its own times.
     */
    public static final Duration BATCH_TIMEOUT = Duration.ofDays(100 * 365);

    /** All streams that are written to, the dead letters' included. */
    public List<StreamPath> allStreams() {
        Set<StreamPath> all = new LinkedHashSet<>(routing.streams());
        if (invalidRecords.deadLetterStream() != null) {
            all.add(invalidRecords.deadLetterStream());
        }
        return List.copyOf(all);
    }

    /** How often and how long the sink repeats: the policy that was given to its client. */
    public RetryPolicy retryPolicy() {
        return client.retryPolicy();
    }

    /** The waits between repetitions that this policy allows, with jitter. */
    public RetryBackoff backoff() {
        return new RetryBackoff(retryPolicy(), new SplittableRandom()::nextDouble);
    }

    /**
     * The configuration of the writer's client. It repeats nothing itself: two loops, one inside of
     * the other, would multiply attempts and times.
     */
    public V3ioClientConfig writerClient() {
        return client.toBuilder()
                .setRetryPolicy(RetryPolicy.none())
                .setMaxRecordBytes(maxRecordSize)
                .toConfig();
    }

    /** The configuration of the committer's client, which repeats what it reads by itself. */
    public V3ioClientConfig committerClient() {
        return client.toBuilder().setMaxRecordBytes(maxRecordSize).toConfig();
    }

    /** Bytes that the records of one request may have together, each counted with a comma. */
    public long maxRecordBytesPerRequest() {
        // The first record has no comma before it.
        return maxBatchSizeInBytes
                - PutRecordsSize.EMPTY_REQUEST_BYTES
                + PutRecordsSize.SEPARATOR_BYTES;
    }

    /**
     * Bytes that the record adds to the JSON body of a request, with the comma before it. Where the
     * sink chooses the shard it is not known yet, and the longest id is counted.
     */
    public long sizeInBytes(RoutedRecord routed) {
        PutRecord record =
                routing.partitioner() != Partitioner.DEFAULT
                        ? routed.record().withShardId(V3ioLimits.MAX_SHARDS - 1)
                        : routed.record();
        return record.encodedSizeBytes() + PutRecordsSize.SEPARATOR_BYTES;
    }

    /**
     * What an attempt to store records takes at the most: the client ends it within its time-outs,
     * once while it waits for a connection and once with it.
     */
    Duration attemptLimit() {
        return client.responseTimeout()
                .multipliedBy(2)
                .plus(client.connectTimeout().multipliedBy(4))
                .plus(SLACK);
    }

    /** The limits of one record, which also has to fit into a request. */
    public RecordLimits recordLimits() {
        return new RecordLimits(
                maxRecordSize,
                maxRecordBytesPerRequest()
                        - PutRecordsSize.SEPARATOR_BYTES
                        - (routing.partitioner() == Partitioner.DEFAULT
                                ? 0
                                : LONGEST_SHARD_ID_BYTES));
    }

    /**
     * Where records go, and in which order.
     *
     * @param streams those that elements may go to, one at least
     * @param creation how a missing one is created; null if it is not
     * @param order in which order records of one key or shard are stored
     * @param hasRoutes whether elements are given a key or a shard; one that gets neither keeps no
     *     order with others then, unless that is strict
     * @param partitioner who chooses the shard of an element that names none itself
     * @param shardDiscoveryInterval how often a partitioner of the sink asks for the number of
     *     shards
     */
    public record Routing(
            List<StreamPath> streams,
            @Nullable StreamCreation creation,
            OrderGuarantee order,
            boolean hasRoutes,
            Partitioner partitioner,
            Duration shardDiscoveryInterval)
            implements Serializable {

        private static final long serialVersionUID = 1L;

        public Routing {
            streams = List.copyOf(streams);
        }
    }

    /**
     * How a missing stream is created.
     *
     * @param shardCount shards that it gets
     * @param retentionHours hours that it keeps records
     */
    public record StreamCreation(int shardCount, int retentionHours) implements Serializable {

        private static final long serialVersionUID = 1L;
    }

    /**
     * What becomes of records that can never be stored.
     *
     * @param policy used without a handler
     * @param handler gets them; null for the policy
     * @param deadLetterStream where the handler's records, or the dead letters go; null without one
     * @param endpoint that dead letters tell of
     */
    public record OfInvalidRecords(
            OnInvalidRecord policy,
            @Nullable InvalidRecordHandler handler,
            @Nullable StreamPath deadLetterStream,
            String endpoint)
            implements Serializable {

        private static final long serialVersionUID = 1L;
    }

    /**
     * What a user chose about exactly-once; part of the job graph.
     *
     * @param stagingDirectory where epochs go that are too large for a checkpoint; null without one
     * @param maxInlineBytes an epoch of one writer with more bytes is staged
     * @param landingTimeout a request of unknown fate has taken effect after this time, or never
     *     will
     * @param takeoverDelay time within which an attempt of the job that was replaced has stopped
     * @param build tells the sink that was built for one submission of a job from those built for
     *     others
     */
    public record ExactlyOnce(
            @Nullable StreamPath stagingDirectory,
            int maxInlineBytes,
            Duration landingTimeout,
            Duration takeoverDelay,
            UUID build)
            implements Serializable {

        private static final long serialVersionUID = 1L;

        /** Bytes of one staged object, and of what is encoded before it goes there. */
        public int partBytes() {
            return Math.min(maxInlineBytes, MAX_PART_BYTES);
        }

        private static final int MAX_PART_BYTES = 4 * 1024 * 1024;
    }
}
