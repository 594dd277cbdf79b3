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

package io.v3io.flink.source.split;

import org.apache.flink.annotation.Internal;

import java.time.Instant;
import java.util.Objects;

/**
 * Where one shard starts, made concrete: it means the same today and after a restore next week.
 * "Latest" is therefore not among these; the enumerator turns it into {@link After} the newest
 * record.
 */
@Internal
public sealed interface ShardStart {

    /** From the oldest record that the shard still has. */
    enum Earliest implements ShardStart {
        INSTANCE
    }

    /**
     * From the first record that arrived at this time or later.
     *
     * @param arrivalTime inclusive lower bound
     */
    record AtTime(Instant arrivalTime) implements ShardStart {
        public AtTime {
            Objects.requireNonNull(arrivalTime, "arrivalTime");
        }
    }

    /**
     * From the record with this number, which the user named and which need not exist.
     *
     * @param sequenceNumber inclusive, 1 or more
     */
    record At(long sequenceNumber) implements ShardStart {}

    /**
     * After the record with this number, which was seen in the shard when the job started.
     *
     * @param sequenceNumber exclusive, 1 or more
     */
    record After(long sequenceNumber) implements ShardStart {}
}
