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

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class StartBacklogTest {

    private final StartBacklog backlog = new StartBacklog(Duration.ofSeconds(10));

    @Test
    void isKnownWhenAllShardsHaveAnswered() {
        assertThat(backlog.isBehind()).isNull();
        backlog.begins("a");
        backlog.begins("b");
        backlog.answered("a", 0);
        assertThat(backlog.isBehind()).isNull();

        backlog.answered("b", 10_000);
        assertThat(backlog.isBehind()).isFalse();
    }

    @Test
    void isThereAsSoonAsOneShardIsBehindUntilTheLastHasCaughtUp() {
        backlog.begins("a");
        backlog.begins("b");
        backlog.begins("c");
        backlog.answered("a", 10_001);
        assertThat(backlog.isBehind()).isTrue();
        backlog.answered("b", 20_000);
        backlog.answered("c", 0);
        backlog.answered("a", 9_000);
        assertThat(backlog.isBehind()).isTrue();

        backlog.answered("b", 9_000);
        assertThat(backlog.isBehind()).isFalse();
    }

    @Test
    void aLagThatGrowsLaterIsNone() {
        backlog.begins("a");
        backlog.begins("b");
        backlog.answered("a", 0);
        backlog.answered("b", 20_000);
        backlog.answered("b", 5_000);
        backlog.answered("a", 50_000);
        backlog.answered("b", 50_000);

        assertThat(backlog.isBehind()).isFalse();
    }

    @Test
    void aShardThatComesLaterIsOneOfItsOwn() {
        backlog.begins("a");
        backlog.answered("a", 0);
        backlog.begins("b");
        backlog.answered("b", 20_000);
        assertThat(backlog.isBehind()).isTrue();

        backlog.ends("b");
        assertThat(backlog.isBehind()).isFalse();
    }

    @Test
    void aReaderWithoutShardsIsNotBehind() {
        backlog.isSurplus();
        assertThat(backlog.isBehind()).isFalse();
    }

    @Test
    void isNeverThereWithoutAThreshold() {
        StartBacklog none = new StartBacklog(null);
        none.begins("a");
        none.answered("a", Long.MAX_VALUE);
        assertThat(none.isBehind()).isNotEqualTo(true);
        assertThat(none.isWatched()).isFalse();
    }

    @Test
    void callsWhenThereIsSomethingToTell() {
        List<Boolean> told = new ArrayList<>();
        backlog.onChange(() -> told.add(backlog.isBehind()));
        backlog.begins("a");
        backlog.answered("a", 20_000);
        backlog.answered("a", 19_000);
        backlog.answered("a", 1_000);
        backlog.answered("a", 0);

        assertThat(told).containsExactly(true, false);
    }
}
