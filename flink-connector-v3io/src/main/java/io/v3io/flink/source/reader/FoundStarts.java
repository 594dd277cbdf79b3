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

package io.v3io.flink.source.reader;

import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Makes starts concrete that name no record: "earliest" and a time. They stay open until the first
 * answer, because on a stream at its retention limit the record that is the oldest now is gone a
 * moment later, and a job could never start. From that answer on they are a sequence number, also
 * in a checkpoint that comes before the first record is emitted: a job that then stands still for
 * longer than the retention period finds out, when it is restored, what it has missed.
 *
 * <p>Thread-safe: found on the client's I/O threads, used for snapshots by the task's main thread.
 */
@Internal
final class FoundStarts {

    private final Map<String, Long> firstNumbers = new ConcurrentHashMap<>();

    /** An answer has shown with which record a shard's reading begins. */
    void found(V3ioShardSplit split, long firstNumber) {
        if (isOpen(split)) {
            firstNumbers.putIfAbsent(split.splitId(), firstNumber);
        }
    }

    /** A shard as it goes into a checkpoint. */
    V3ioShardSplit fix(V3ioShardSplit split) {
        Long first = isOpen(split) ? firstNumbers.get(split.splitId()) : null;
        return first == null ? split : split.startingAt(first);
    }

    /** The shard is read no more. */
    void forget(String splitId) {
        firstNumbers.remove(splitId);
    }

    private static boolean isOpen(V3ioShardSplit split) {
        return split.emitted() == null
                && (split.start() instanceof ShardStart.Earliest
                        || split.start() instanceof ShardStart.AtTime);
    }
}
