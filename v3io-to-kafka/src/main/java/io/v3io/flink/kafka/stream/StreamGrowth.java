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
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Notices records that streams got after a moment. */
public final class StreamGrowth {

    private final V3ioClient client;
    private final Map<ShardId, Long> before;

    /**
     * Growth since a moment.
     *
     * @param before number of the newest record of each shard at that moment; 0 before the first
     */
    public StreamGrowth(V3ioClient client, Map<ShardId, Long> before) {
        this.client = client;
        this.before = before;
    }

    /** Whether there is a newer record now. */
    public boolean isThere() throws InterruptedException {
        Set<StreamPath> streams =
                before.keySet().stream().map(ShardId::stream).collect(Collectors.toSet());
        for (StreamPath stream : streams) {
            for (Map.Entry<ShardId, Long> now :
                    new StreamSurvey(client).newest(stream).entrySet()) {
                if (now.getValue() > before.getOrDefault(now.getKey(), 0L)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Lets this time pass. */
    public static void pause(Duration length) throws InterruptedException {
        Answers.pause(length);
    }
}
