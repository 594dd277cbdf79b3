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

import io.v3io.client.model.Location;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.metrics.testutils.MetricListener;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

import static org.assertj.core.api.Assertions.assertThat;

@Timeout(60)
class GroupCommitterTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final MetricListener metrics = new MetricListener();
    private final EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;
    private GroupCommitter committer;

    @BeforeEach
    void createStreams() {
        words = streams.create("users/words", 2);
        streams.put(words, 0, "a", 10);
        committer =
                new GroupCommitter(
                        streams.client(),
                        "group",
                        V3ioSourceReaderMetrics.of(
                                InternalSourceReaderMetricGroup.mock(metrics.getMetricGroup()),
                                streams.client().metrics()),
                        System::nanoTime);
    }

    @Test
    void checkpointsThatNeverCompleteDoNotPileUp() {
        for (int checkpoint = 1; checkpoint <= 2_000; checkpoint++) {
            committer.snapshot(checkpoint, at(1));
        }
        assertThat(committer.openCheckpoints()).isLessThanOrEqualTo(16);
        committer.snapshot(2_001, at(7));
        committer.checkpointCompleted(2_001);
        committer.awaitCommits(LIMIT);

        assertThat(committed()).hasValue(7);
        assertThat(committer.openCheckpoints()).isZero();
    }

    @Test
    void anAbortedCheckpointIsForgottenAtOnce() {
        committer.snapshot(1, at(1));
        committer.snapshot(2, at(2));
        committer.checkpointAborted(1);

        assertThat(committer.openCheckpoints()).isEqualTo(1);
    }

    @Test
    void withCheckpointsTheEndCommitsNothing() {
        committer.snapshot(1, at(3));
        committer.ended(at(10));
        committer.awaitCommits(LIMIT);

        assertThat(committed()).isEmpty();
    }

    @Test
    void theCommittedPositionIsAMetricOfItsShard() {
        assertThat(committedMetric()).isNotPresent();
        committer.snapshot(1, at(3));
        committer.checkpointCompleted(1);
        committer.awaitCommits(LIMIT);

        assertThat(committedMetric()).hasValue(3);
    }

    private OptionalLong committedMetric() {
        return metrics.<Long>getGauge(
                        "v3io", "stream", "users/words", "shard", "0", "committedSequenceNumber")
                .map(gauge -> OptionalLong.of(gauge.getValue()))
                .orElse(OptionalLong.empty());
    }

    @Test
    void makesTheGroupsStateObjectWithTheFirstCommitAndOnce() {
        for (int checkpoint = 1; checkpoint <= 3; checkpoint++) {
            committer.snapshot(checkpoint, at(checkpoint));
            committer.checkpointCompleted(checkpoint);
            committer.awaitCommits(LIMIT);
        }

        assertThat(streams.client().createGroupState(words, "group").join()).isFalse();
        // Three positions, one state object, and the one that was just asked for.
        assertThat(streams.emulator().requestCount(Operation.PUT_ITEM)).isEqualTo(5);
    }

    @Test
    void aStateObjectThatCannotBeMadeHoldsNoCommitUpAndIsTriedAgain() {
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_ITEM)
                                .path("group-state")
                                .respond(403, "text/plain", "no")
                                .times(1));
        committer.snapshot(1, at(1));
        committer.checkpointCompleted(1);
        committer.awaitCommits(LIMIT);
        assertThat(committed()).hasValue(1);
        committer.snapshot(2, at(2));
        committer.checkpointCompleted(2);
        committer.awaitCommits(LIMIT);

        assertThat(committed()).hasValue(2);
        assertThat(streams.client().createGroupState(words, "group").join()).isFalse();
    }

    private OptionalLong committed() {
        return streams.client().getCommittedSequenceNumber(words.shard(0), "group").join();
    }

    private List<V3ioShardSplit> at(long sequenceNumber) {
        return List.of(
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(
                                new EmittedPosition(sequenceNumber, 1, 2, new Location("here"))));
    }
}
