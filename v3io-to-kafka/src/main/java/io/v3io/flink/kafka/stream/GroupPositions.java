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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;

import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** What consumer groups of V3IO have committed. */
public final class GroupPositions {

    private final V3ioClient client;

    /** Reads by this client, which stays the caller's. */
    public GroupPositions(V3ioClient client) {
        this.client = client;
    }

    /**
     * The number that a group has committed in each shard; empty where it has committed nothing.
     */
    public Map<Integer, OptionalLong> of(StreamPath stream, int shardCount, String group)
            throws InterruptedException {
        Map<Integer, OptionalLong> committed = new TreeMap<>();
        for (int shard = 0; shard < shardCount; shard++) {
            committed.put(
                    shard,
                    Answers.get(client.getCommittedSequenceNumber(stream.shard(shard), group)));
        }
        return committed;
    }
}
