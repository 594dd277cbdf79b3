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

package io.v3io.flink.source.enumerator;

import io.v3io.client.model.StreamPath;

import org.junit.jupiter.api.Test;

import java.util.Arrays;

import static org.assertj.core.api.Assertions.assertThat;

class ShardAssignerTest {

    @Test
    void subtasksDifferByAtMostOneShardAfterEveryGrowth() {
        for (String name : new String[] {"users/a", "users/me/words", "x/日本"}) {
            StreamPath stream = StreamPath.parse(name);
            for (int parallelism = 1; parallelism <= 9; parallelism++) {
                int[] counts = new int[parallelism];
                for (int shard = 0; shard < 100; shard++) {
                    counts[ShardAssigner.subtaskOf(stream.shard(shard), parallelism)]++;
                    int least = Arrays.stream(counts).min().orElseThrow();
                    int most = Arrays.stream(counts).max().orElseThrow();
                    assertThat(most - least)
                            .as("%s, %d shards, parallelism %d", name, shard + 1, parallelism)
                            .isLessThanOrEqualTo(1);
                }
            }
        }
    }
}
