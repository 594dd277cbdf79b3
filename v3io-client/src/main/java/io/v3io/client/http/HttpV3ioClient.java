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

import io.v3io.client.ClientMetrics;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioClientConfig;
import io.v3io.client.model.Location;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.SeekPosition;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamListing;
import io.v3io.client.model.StreamPath;

import java.util.List;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;

/** The client over HTTP. */
public final class HttpV3ioClient implements V3ioClient {
    public HttpV3ioClient(V3ioClientConfig config) {
        throw new UnsupportedOperationException(config.toString());
    }

    @Override
    public CompletableFuture<Void> createStream(
            StreamPath stream, int shardCount, int retentionHours) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<StreamDescription> describeStream(StreamPath stream) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> updateStream(StreamPath stream, int shardCount) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> deleteStream(StreamPath stream) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<PutResult>> putRecords(
            StreamPath stream, List<PutRecord> records) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Location> seek(ShardId shard, SeekPosition position) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<RecordBatch> getRecords(ShardId shard, Location location, int limit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<OptionalLong> getCommittedSequenceNumber(
            ShardId shard, String consumerGroup) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Void> commitSequenceNumber(
            ShardId shard, String consumerGroup, long sequenceNumber) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<SortedMap<ShardId, Long>> newestSequenceNumbers(StreamPath stream) {
        throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<List<StreamListing>> listStreams(String container, String path) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ClientMetrics metrics() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
