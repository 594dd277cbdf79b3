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

package io.v3io.flink.kafka.status;

import javax.annotation.Nullable;

import java.util.Map;
import java.util.OptionalLong;

/**
 * How far one shard is.
 *
 * @param stream {@code container/path}
 * @param topic its topic
 * @param shard its id
 * @param newest number of its newest record; 0 before the first one
 * @param copied number of the last record that is committed in the topic; 0 before the first one
 * @param verified number of the last record that verify has compared; 0 before the first one
 * @param groups what the consumer groups of the stream have committed, by their names; empty for
 *     one that has committed nothing in this shard
 * @param createdAgain why it cannot be the shard that was copied, in a sentence; null if nothing
 *     speaks against it
 */
public record ShardStatus(
        String stream,
        String topic,
        int shard,
        long newest,
        long copied,
        long verified,
        Map<String, OptionalLong> groups,
        @Nullable String createdAgain) {

    /** How many sequence numbers are not copied yet. */
    public long lag() {
        return Math.max(0, newest - copied);
    }
}
