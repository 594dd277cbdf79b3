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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;

import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.IntStream;

/** The newest sequence number of every shard that has been born, whatever the access key allows. */
final class ShardEnds {

    private ShardEnds() {}

    /** By one listing, or, where the key may not list, by asking shard after shard. */
    static CompletableFuture<SortedMap<ShardId, Long>> of(V3ioClient client, StreamPath stream) {
        return client.newestSequenceNumbers(stream)
                .exceptionallyCompose(
                        error -> {
                            Throwable cause =
                                    error instanceof CompletionException ? error.getCause() : error;
                            return cause instanceof V3ioException e
                                            && e.kind() == V3ioException.Kind.PERMISSION_DENIED
                                    ? ofEachShard(client, stream)
                                    : CompletableFuture.failedFuture(cause);
                        });
    }

    private static CompletableFuture<SortedMap<ShardId, Long>> ofEachShard(
            V3ioClient client, StreamPath stream) {
        return client.describeStream(stream)
                .thenCompose(
                        description -> {
                            List<ShardId> shards =
                                    IntStream.range(0, description.shardCount())
                                            .mapToObj(stream::shard)
                                            .toList();
                            return client.newestSequenceNumbers(shards);
                        });
    }
}
