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

package io.v3io.flink.kafka.stream;

import io.v3io.client.Operation;
import io.v3io.client.V3ioClient;
import io.v3io.client.V3ioException;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamDescription;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.IntStream;

/** Looks at streams, without a trace in them. */
public final class StreamSurvey {

    /** Records of each shard that are looked at, to see how large they are. */
    private static final int SAMPLE = 20;

    private static final String STATE_SUFFIX = "-state.json";

    private final V3ioClient client;

    public StreamSurvey(V3ioClient client) {
        this.client = client;
    }

    /**
     * What a stream is like.
     *
     * @throws V3ioException if it is not there, or may not be read
     */
    public StreamFacts look(StreamPath stream) throws InterruptedException {
        StreamDescription description = Answers.get(client.describeStream(stream));
        SortedMap<ShardId, Long> newest = newest(stream, description.shardCount());
        List<ShardFacts> shards = new ArrayList<>();
        for (int i = 0; i < description.shardCount(); i++) {
            shards.add(shard(stream.shard(i), newest.getOrDefault(stream.shard(i), 0L)));
        }
        return new StreamFacts(stream, description.retentionHours(), shards, groups(stream));
    }

    /** How many shards a stream has. */
    public int shardCount(StreamPath stream) throws InterruptedException {
        return Answers.get(client.describeStream(stream)).shardCount();
    }

    /** The newest sequence numbers of the shards that have been born. */
    public SortedMap<ShardId, Long> newest(StreamPath stream) throws InterruptedException {
        return newest(stream, shardCount(stream));
    }

    private SortedMap<ShardId, Long> newest(StreamPath stream, int shardCount)
            throws InterruptedException {
        try {
            return Answers.get(client.newestSequenceNumbers(stream));
        } catch (V3ioException e) {
            if (!mayNotList(e)) {
                throw e;
            }
            return Answers.get(
                    client.newestSequenceNumbers(
                            IntStream.range(0, shardCount).mapToObj(stream::shard).toList()));
        }
    }

    private ShardFacts shard(ShardId shard, long newest) throws InterruptedException {
        List<StreamRecord> oldest = ShardCursor.atOldest(client, shard).next(SAMPLE);
        if (oldest.isEmpty()) {
            return new ShardFacts(shard.number(), newest, 0, null, 0);
        }
        long last = oldest.get(oldest.size() - 1).sequenceNumber();
        return new ShardFacts(
                shard.number(),
                // One may have come since the shard was asked.
                Math.max(newest, last),
                oldest.get(0).sequenceNumber(),
                oldest.get(0).arrivalTime(),
                oldest.stream().mapToInt(record -> record.data().length).max().orElse(0));
    }

    private List<String> groups(StreamPath stream) throws InterruptedException {
        try {
            return Answers.get(client.listObjects(stream.container(), stream.path())).stream()
                    .filter(name -> name.endsWith(STATE_SUFFIX))
                    .map(name -> name.substring(0, name.length() - STATE_SUFFIX.length()))
                    .sorted()
                    .toList();
        } catch (V3ioException e) {
            if (mayNotList(e)) {
                return List.of();
            }
            throw e;
        }
    }

    private static boolean mayNotList(V3ioException e) {
        return e.kind() == V3ioException.Kind.PERMISSION_DENIED && e.operation() == Operation.LIST;
    }
}
