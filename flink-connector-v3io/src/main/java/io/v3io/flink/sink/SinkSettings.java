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
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutRecordsSize;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.V3ioLimits;

import org.apache.flink.connector.base.DeliveryGuarantee;

import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

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
record SinkSettings(
        V3ioClientConfig client,
        RoutingSettings routing,
        DeliveryGuarantee deliveryGuarantee,
        InvalidRecordSettings invalidRecords,
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
    static final Duration BATCH_TIMEOUT = Duration.ofDays(100 * 365);

    /** All streams that are written to, the dead letters' included. */
    List<StreamPath> allStreams() {
        Set<StreamPath> all = new LinkedHashSet<>(routing.streams());
        if (invalidRecords.deadLetterStream() != null) {
            all.add(invalidRecords.deadLetterStream());
        }
        return List.copyOf(all);
    }

    /** How often and how long the sink repeats; see {@link V3ioSinkBuilder#configureClient}. */
    RetryPolicy retryPolicy() {
        return client.retryPolicy();
    }

    /** The waits of this policy. */
    RetryBackoff backoff() {
        return new RetryBackoff(retryPolicy(), new SplittableRandom()::nextDouble);
    }

    /**
     * The configuration of the writer's client. It repeats nothing itself: two loops, one inside of
     * the other, would multiply attempts and times.
     */
    V3ioClientConfig writerClient() {
        return client.toBuilder()
                .setRetryPolicy(RetryPolicy.none())
                .setMaxRecordBytes(maxRecordSize)
                .toConfig();
    }

    /** Bytes that the records of one request may have together, each counted with a comma. */
    long maxRecordBytesPerRequest() {
        // The first record has no comma before it.
        return maxBatchSizeInBytes
                - PutRecordsSize.EMPTY_REQUEST_BYTES
                + PutRecordsSize.SEPARATOR_BYTES;
    }

    /**
     * Bytes that the record adds to the JSON body of a request, with the comma before it. With a
     * fixed routing the shard is not known yet, and the longest id is counted.
     */
    long sizeInBytes(RoutedRecord routed) {
        PutRecord record =
                routing.fixed()
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
    RecordLimits recordLimits() {
        return new RecordLimits(
                maxRecordSize,
                maxRecordBytesPerRequest()
                        - PutRecordsSize.SEPARATOR_BYTES
                        - (routing.fixed() ? LONGEST_SHARD_ID_BYTES : 0));
    }
}
