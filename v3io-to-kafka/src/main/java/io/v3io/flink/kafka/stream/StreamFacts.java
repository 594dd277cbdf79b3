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

import io.v3io.client.model.StreamPath;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What a stream is like at one moment.
 *
 * @param path where it is
 * @param retentionHours how long it keeps records for certain
 * @param shards its shards, in the order of their ids
 * @param groups names of the consumer groups that have a state object in it
 */
public record StreamFacts(
        StreamPath path, int retentionHours, List<ShardFacts> shards, List<String> groups) {

    /** How long ago its oldest record arrived; zero without records. */
    public Duration ageOfOldest(Instant now) {
        return age(shards.stream().map(ShardFacts::oldestArrival), now);
    }

    /** How long ago the first of these arrivals was; zero without one. Nulls do not count. */
    public static Duration age(Stream<Instant> arrivals, Instant now) {
        return arrivals.filter(Objects::nonNull)
                .min(Comparator.naturalOrder())
                .map(oldest -> Duration.between(oldest, now))
                .filter(age -> !age.isNegative())
                .orElse(Duration.ZERO);
    }

    /** Bytes of data of the largest record that was looked at. */
    public int largestSeen() {
        return shards.stream().mapToInt(ShardFacts::largestSeen).max().orElse(0);
    }
}
