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

import io.v3io.flink.source.event.NoShardsEvent;
import io.v3io.flink.source.event.ShardsEndedEvent;
import io.v3io.flink.source.event.ShardsHeldEvent;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;

import java.util.BitSet;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Hands the readers their splits, and tells them when there are none for them or no more. A reader
 * that has not told yet what it brings from a checkpoint gets nothing: it could not tell the one
 * from the other. Used by the coordinator thread only.
 */
@Internal
final class SplitDistribution {

    private final SplitEnumeratorContext<V3ioShardSplit> context;
    private final ReaderLoads loads;
    private final SplitAssignments assignments;

    /** Readers that know that they get no more. */
    private final BitSet toldNoMore = new BitSet();

    /** Readers that know that there is no shard for them now. */
    private final BitSet toldSurplus = new BitSet();

    /** Whether Flink may run several attempts of a subtask at once, in speculative execution. */
    private boolean hasAttempts;

    private boolean isKnown;
    private boolean isComplete;

    SplitDistribution(
            SplitEnumeratorContext<V3ioShardSplit> context,
            ReaderLoads loads,
            SplitAssignments assignments) {
        this.context = context;
        this.loads = loads;
        this.assignments = assignments;
    }

    /**
     * There may be new splits.
     *
     * @param known whether it is known what there is to read now, be it nothing: readers without a
     *     shard must not hold up watermarks then
     * @param complete whether every split that there will ever be has been made
     */
    void distribute(boolean known, boolean complete) {
        this.isKnown = known;
        this.isComplete = complete;
        assignments.plan();
        tell(context.registeredReaders().keySet());
    }

    /** A reader has started. */
    void readerStarted(int subtask) {
        if (loads.hasReported(subtask)) {
            // Of a failed reader of a hybrid source that has nothing to give back, this is all that
            // is heard.
            readerFailed(subtask, List.of());
        }
        loads.registered(subtask);
    }

    /** A reader has told what it has, or has no more. */
    void readerReported(int subtask, SourceEvent event) {
        if (event instanceof ShardsHeldEvent held) {
            if (loads.reported(subtask, held.shardCount())) {
                planAndTell(subtask);
            }
        } else if (event instanceof ShardsEndedEvent ended) {
            loads.ended(subtask, ended.shardCount());
            tellIfRegistered(subtask);
        } else {
            throw new IllegalArgumentException(
                    "The V3IO source's enumerator does not know event " + event + ".");
        }
    }

    private void planAndTell(int subtask) {
        if (assignments.plan()) {
            tell(context.registeredReaders().keySet());
        } else {
            tellIfRegistered(subtask);
        }
    }

    private void tellIfRegistered(int subtask) {
        if (context.registeredReaders().containsKey(subtask)) {
            tell(Set.of(subtask));
        }
    }

    /** One of several attempts of a reader has told what it has. */
    void attemptReported(int subtask, SourceEvent event) {
        hasAttempts = true;
        if (event instanceof ShardsEndedEvent) {
            // Another attempt may still read them. It is of use for watermarks only, which a batch
            // job has none of.
            return;
        }
        readerReported(subtask, event);
        if (toldSurplus.get(subtask)) {
            // This may be another attempt than the one that was told.
            send(subtask, new NoShardsEvent());
        }
    }

    /** A reader has failed. */
    void readerFailed(int subtask, Collection<V3ioShardSplit> givenBack) {
        toldNoMore.clear(subtask);
        toldSurplus.clear(subtask);
        assignments.readerFailed(subtask, givenBack);
    }

    private void tell(Set<Integer> subtasks) {
        Map<Integer, List<V3ioShardSplit>> assignment = new HashMap<>();
        for (int subtask : subtasks) {
            List<V3ioShardSplit> splits =
                    loads.hasReported(subtask) ? assignments.take(subtask) : List.of();
            if (!splits.isEmpty()) {
                assignment.put(subtask, splits);
                toldSurplus.clear(subtask);
            }
        }
        if (!assignment.isEmpty()) {
            context.assignSplits(new SplitsAssignment<>(assignment));
        }
        if (isKnown && assignments.isAllPlanned()) {
            subtasks.stream().filter(loads::hasReported).forEach(this::tellShare);
        }
    }

    private void tellShare(int subtask) {
        if (isComplete) {
            if (!toldNoMore.get(subtask)) {
                toldNoMore.set(subtask);
                context.signalNoMoreSplits(subtask);
            }
        } else if (loads.isSurplus(subtask) && !toldSurplus.get(subtask)) {
            toldSurplus.set(subtask);
            send(subtask, new NoShardsEvent());
        }
    }

    private void send(int subtask, SourceEvent event) {
        if (hasAttempts) {
            context.registeredReadersOfAttempts()
                    .getOrDefault(subtask, Map.of())
                    .keySet()
                    .forEach(attempt -> context.sendEventToSourceReader(subtask, attempt, event));
        } else {
            context.sendEventToSourceReader(subtask, event);
        }
    }
}
