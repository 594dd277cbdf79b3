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

package io.v3io.flink.kafka.verify;

import io.v3io.flink.kafka.state.Verified;

import javax.annotation.Nullable;

/**
 * What the comparison of a shard has found.
 *
 * @param stream {@code container/path}
 * @param topic its topic
 * @param shard its id
 * @param verified how far both are equal
 * @param newest number of the shard's newest record
 * @param copied number of the last record that was copied, whether or not Kafka still has it
 * @param difference the first one; null if there is none
 */
public record ShardResult(
        String stream,
        String topic,
        int shard,
        Verified verified,
        long newest,
        long copied,
        @Nullable Difference difference) {

    /** Whether everything that is in the shard is in the partition. */
    public boolean isComplete() {
        return difference == null && Math.max(verified.sequenceNumber(), copied) >= newest;
    }

    /** Whether the two sides differ; what is not copied yet is no difference. */
    public boolean isDifferent() {
        return difference != null && difference.kind() != Difference.Kind.NOT_COPIED;
    }

    /** Whether Kafka has removed records that were copied before they could be compared. */
    public boolean isUncompared() {
        return difference == null && copied > verified.sequenceNumber();
    }
}
