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

import io.v3io.client.ClientMetrics;
import io.v3io.client.RetryPolicy;
import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.OnDeletedStream;
import io.v3io.flink.source.OnMissingStream;
import io.v3io.flink.source.OnUnsubscribedStream;
import io.v3io.flink.source.ShardAssigner;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.event.BacklogEvent;
import io.v3io.flink.source.event.NoShardsEvent;
import io.v3io.flink.source.event.ShardsEndedEvent;
import io.v3io.flink.source.event.ShardsHeldEvent;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.connector.testutils.source.reader.TestingSplitEnumeratorContext;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.LoggerConfig;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import javax.annotation.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class V3ioSourceEnumeratorTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final int PARALLELISM = 2;

    /** So short that no look counts as having been made just now. */
    private static final Duration EVERY_CALL = Duration.ofNanos(1);

    private static final StreamReading EARLIEST =
            new StreamReading(StartingPosition.earliest(), null, null);

    private CoordinatorContext context = new CoordinatorContext(PARALLELISM);
    private final List<V3ioSourceEnumerator> started = new ArrayList<>();
    private EmulatedStreams streams = PLATFORM.start();
    private StreamPath words;
    private ClientMetrics requests;

    @BeforeEach
    void createStreams() {
        words = streams.create("users/me/words", 4);
    }

    @AfterEach
    void stop() {
        started.forEach(V3ioSourceEnumerator::close);
    }

    @Test
    void assignsEveryShardOnceHoweverReadersAndDiscoveryInterleave() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        register(enumerator, 0);
        assertThat(context.getSplitAssignments()).isEmpty();

        context.runCalls();
        assertThat(assignedTo(0)).hasSize(2);
        assertThat(enumerator.snapshotState(1).unassignedSplits()).hasSize(2);

        register(enumerator, 1);
        assertThat(assignedTo(1)).hasSize(2).doesNotContainAnyElementsOf(assignedTo(0));
        assertThat(enumerator.snapshotState(2).unassignedSplits()).isEmpty();
        assertThat(context.getSplitAssignments().get(1).hasReceivedNoMoreSplitsSignal()).isFalse();
    }

    @Test
    void addedShardsAreAssignedOnceAndReadFromTheirFirstRecord() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.latest(), null, V3ioEnumeratorState.initial());
        register(enumerator, 0);
        register(enumerator, 1);
        context.runCalls();

        streams.grow(words, 7);
        context.runCalls();
        context.runCalls();

        List<V3ioShardSplit> all = new ArrayList<>(assignedTo(0));
        all.addAll(assignedTo(1));
        assertThat(all)
                .extracting(split -> split.shard().number())
                .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6);
        assertThat(all)
                .allSatisfy(split -> assertThat(split.start()).isEqualTo(new ShardStart.At(1)));
    }

    @Test
    void aRestoreDoesNotResolveTheStartAgain() {
        streams.put(words, 0, "before", 5);
        V3ioSourceEnumerator first =
                start(StartingPosition.latest(), null, V3ioEnumeratorState.initial());
        context.runCalls();
        V3ioEnumeratorState state = first.snapshotState(1);
        streams.put(words, 0, "between", 5);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator restored = start(StartingPosition.latest(), null, state);
        register(restored, 0);
        register(restored, 1);
        context.runCalls();

        List<V3ioShardSplit> all = new ArrayList<>(assignedTo(0));
        all.addAll(assignedTo(1));
        assertThat(all)
                .contains(V3ioShardSplit.unbounded(words.shard(0), new ShardStart.After(5)))
                .hasSize(4);
    }

    @Test
    void splitsOfAFailedReaderAreAssignedAgain() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        register(enumerator, 0);
        context.runCalls();
        List<V3ioShardSplit> lost = List.copyOf(assignedTo(0));
        context.getSplitAssignments().clear();
        context.registeredReaders().remove(0);

        enumerator.addSplitsBack(lost, 0);
        assertThat(enumerator.snapshotState(1).unassignedSplits()).containsAll(lost);
        register(enumerator, 0);

        assertThat(assignedTo(0)).containsExactlyElementsOf(lost);
    }

    @Test
    void thereIsABacklogWhileAReaderIsBehindAlsoWhileThatOneFails() {
        EnumeratorSettings settings = tellingBacklog(named(OnMissingStream.FAIL, "users/me/words"));
        V3ioSourceEnumerator enumerator = start(settings, null);
        registerAll(enumerator);
        context.runCalls();
        enumerator.handleSourceEvent(0, new BacklogEvent(false));
        assertThat(context.backlog).containsExactly(false);

        enumerator.handleSourceEvent(1, new BacklogEvent(true));
        enumerator.handleSourceEvent(0, new BacklogEvent(true));
        enumerator.handleSourceEvent(0, new BacklogEvent(false));
        enumerator.addSplitsBack(List.copyOf(assignedTo(1)), 1);
        context.registeredReaders().remove(1);
        register(enumerator, 1);
        enumerator.handleSourceEvent(1, new BacklogEvent(true));
        assertThat(context.backlog).containsExactly(false, true);

        enumerator.handleSourceEvent(1, new BacklogEvent(false));
        assertThat(context.backlog).containsExactly(false, true, false);
    }

    /** Flink keeps what the enumerator before a failure of the whole job has said. */
    @Test
    void anEnumeratorThatStartsTakesBackTheBacklogOfTheOneBeforeIfThereCanBeOne() {
        V3ioEnumeratorState state = V3ioEnumeratorState.initial();
        V3ioSourceEnumerator unused =
                start(tellingBacklog(named(OnMissingStream.FAIL, "users/me/words")), state);
        assertThat(context.backlog).containsExactly(false);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator other = start(named(OnMissingStream.FAIL, "users/me/words"), state);
        registerAll(other);
        context.runCalls();
        assertThat(context.backlog).isEmpty();
    }

    @Test
    void aReaderWhoseShardsHaveAllEndedIsToldAndGetsTheNextOne() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        registerAll(enumerator);
        context.runCalls();
        enumerator.handleSourceEvent(1, new ShardsEndedEvent(1));
        assertThat(eventsOf(1)).isEmpty();
        enumerator.handleSourceEvent(1, new ShardsEndedEvent(1));
        assertThat(eventsOf(1)).containsExactly(new NoShardsEvent());
        assertThat(eventsOf(0)).isEmpty();

        streams.grow(words, 6);
        context.runCalls();
        assertThat(assignedTo(0)).hasSize(2);
        assertThat(assignedTo(1)).hasSize(4);
        enumerator.handleSourceEvent(1, new ShardsEndedEvent(2));
        assertThat(eventsOf(1)).containsExactly(new NoShardsEvent(), new NoShardsEvent());
    }

    @Test
    void boundedReadersAreToldWhenThereIsNothingMore() {
        streams.put(words, 1, "b", 3);
        V3ioSourceEnumerator enumerator =
                start(
                        StartingPosition.earliest(),
                        StoppingPosition.latest(),
                        V3ioEnumeratorState.initial());
        register(enumerator, 0);
        context.runCalls();
        register(enumerator, 1);

        for (int subtask = 0; subtask < PARALLELISM; subtask++) {
            assertThat(context.getSplitAssignments().get(subtask).hasReceivedNoMoreSplitsSignal())
                    .isTrue();
        }
        List<V3ioShardSplit> all = new ArrayList<>(assignedTo(0));
        all.addAll(assignedTo(1));
        assertThat(all)
                .containsExactly(
                        V3ioShardSplit.bounded(words.shard(1), ShardStart.Earliest.INSTANCE, 3));
    }

    @Test
    void aStreamThatShrankWasCreatedAgainAndFails() {
        start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        context.runCalls();
        streams.client().deleteStream(words).join();
        streams.create("users/me/words", 2);

        context.registerAllReaders();
        assertThatThrownBy(context::runCalls)
                .hasStackTraceContaining("users/me/words has 2 shards but had 4")
                .hasStackTraceContaining("deleted and created again");
    }

    @Test
    void aDiscoveryThatClosingEndedFailsNothing() {
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        context.runCalls();

        enumerator.close();

        assertThatCode(context::runCalls).doesNotThrowAnyException();
    }

    @Test
    void aTransientFailureOfDiscoveryIsTriedAgainAndADeletedStreamIsNot() {
        start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        context.runCalls();
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.DESCRIBE_STREAM)
                                .respond(503, "text/html", "busy")
                                .times(1));

        context.runCalls();
        context.runCalls();
        streams.client().deleteStream(words).join();

        context.registerAllReaders();
        assertThatThrownBy(context::runCalls)
                .hasMessageContaining("Stream users/me/words does not exist any more")
                .hasStackTraceContaining("status 404");
    }

    @Test
    void aMissingStreamFailsTheJobByNameUnlessItIsToBeWaitedFor() {
        startNamed(OnMissingStream.FAIL, "users/me/nothing");

        context.registerAllReaders();
        assertThatThrownBy(context::runCalls)
                .hasMessageContaining("There is no stream users/me/nothing")
                .hasMessageContaining(
                        "or wait until it is there with setOnMissingStream(WAIT) (in SQL"
                                + " 'scan.on-missing-stream' = 'wait').");
    }

    /** FLINK-39330: a job that fails while its tasks start can end the TaskManager. */
    @Test
    void aFailureIsToldWhenAllReadersHaveRegistered() {
        V3ioSourceEnumerator enumerator = startNamed(OnMissingStream.FAIL, "users/me/nothing");
        context.runCalls();

        context.registerReader(0, "localhost");
        enumerator.addReader(0);
        context.registerReader(1, "localhost");

        assertThatThrownBy(() -> enumerator.addReader(1))
                .hasMessageContaining("There is no stream users/me/nothing");
    }

    @Test
    void aFailureIsToldAfterAWhileThoughReadersAreMissing() {
        startNamed(OnMissingStream.FAIL, "users/me/nothing");
        context.runCalls();

        assertThatThrownBy(context::runCalls)
                .hasMessageContaining("There is no stream users/me/nothing");
    }

    @Test
    void aClientThatCannotBeMadeIsToldWhenAllReadersHaveRegistered() {
        V3ioSourceEnumerator enumerator =
                new V3ioSourceEnumerator(
                        context,
                        () -> {
                            throw new IllegalStateException("no key file");
                        },
                        named(OnMissingStream.FAIL, "users/me/words"),
                        null);

        enumerator.start();
        context.registerAllReaders();

        assertThatThrownBy(() -> enumerator.addReader(1)).hasMessage("no key file");
    }

    @Test
    void aStreamThatIsWaitedForIsReadFromItsFirstRecordWhenItAppears() {
        V3ioSourceEnumerator enumerator =
                startNamed(OnMissingStream.WAIT, "users/me/words", "users/me/later");
        registerAll(enumerator);
        context.runCalls();
        assertThat(assigned()).hasSize(4);

        StreamPath later = streams.create("users/me/later", 2);
        streams.put(later, 0, "x", 3);
        context.runCalls();

        assertThat(assigned())
                .hasSize(6)
                .contains(
                        V3ioShardSplit.unbounded(later.shard(0), new ShardStart.At(1)),
                        V3ioShardSplit.unbounded(later.shard(1), new ShardStart.At(1)));
    }

    @Test
    void aRestoredJobStillKnowsWhichStreamsItWaitsFor() {
        V3ioSourceEnumerator first = startNamed(OnMissingStream.WAIT, "users/me/later");
        context.runCalls();
        V3ioEnumeratorState state = restored(first.snapshotState(1));
        StreamPath later = streams.create("users/me/later", 1);
        streams.put(later, 0, "x", 3);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator enumerator =
                start(named(OnMissingStream.WAIT, "users/me/later"), state);
        registerAll(enumerator);
        context.runCalls();

        assertThat(assigned())
                .containsExactly(V3ioShardSplit.unbounded(later.shard(0), new ShardStart.At(1)));
    }

    @Test
    void aStreamAddedToARestoredJobStartsWhereTheJobIsToldTo() {
        V3ioSourceEnumerator first = startNamed(OnMissingStream.FAIL, "users/me/words");
        context.runCalls();
        V3ioEnumeratorState state = restored(first.snapshotState(1));
        StreamPath added = streams.create("users/me/added", 1);
        streams.put(added, 0, "x", 3);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator enumerator =
                start(named(OnMissingStream.FAIL, "users/me/words", "users/me/added"), state);
        registerAll(enumerator);
        context.runCalls();

        assertThat(assigned())
                .contains(V3ioShardSplit.unbounded(added.shard(0), new ShardStart.After(3)));
    }

    @Test
    void aBoundedSourceThatWaitsEndsOnlyWhenTheStreamHasBeenRead() {
        V3ioSourceEnumerator enumerator =
                start(
                        settings(
                                new StreamSubscription.Named(
                                        List.of(StreamPath.parse("users/me/later"))),
                                StartingPosition.earliest(),
                                StoppingPosition.latest(),
                                OnMissingStream.WAIT),
                        null);
        registerAll(enumerator);
        context.runCalls();
        assertThat(context.getSplitAssignments()).isEmpty();

        StreamPath later = streams.create("users/me/later", 1);
        streams.put(later, 0, "x", 3);
        context.runCalls();

        assertThat(assigned())
                .containsExactly(V3ioShardSplit.bounded(later.shard(0), new ShardStart.At(1), 3));
        assertThat(context.getSplitAssignments().get(0).hasReceivedNoMoreSplitsSignal()).isTrue();
        assertThat(context.getSplitAssignments().get(1).hasReceivedNoMoreSplitsSignal()).isTrue();
    }

    @Test
    void aPatternFindsStreamsThatAreThereAndThoseThatComeLater() {
        streams.create("users/me/other", 1);
        streams.create("users/me/deeper/words-9", 1);
        streams.put(words, 0, "x", 7);
        V3ioSourceEnumerator enumerator = start(matching(OnMissingStream.FAIL), null);
        registerAll(enumerator);
        context.runCalls();
        assertThat(assigned())
                .hasSize(4)
                .contains(V3ioShardSplit.unbounded(words.shard(0), new ShardStart.After(7)));

        StreamPath later = streams.create("users/me/words-2", 1);
        streams.put(later, 0, "x", 3);
        context.runCalls();

        assertThat(assigned())
                .hasSize(5)
                .contains(V3ioShardSplit.unbounded(later.shard(0), new ShardStart.At(1)));
    }

    @Test
    void aRestoredPatternTakesNewStreamsForLaterOnes() {
        V3ioSourceEnumerator first = start(matching(OnMissingStream.FAIL), null);
        context.runCalls();
        V3ioEnumeratorState state = restored(first.snapshotState(1));
        StreamPath later = streams.create("users/me/words-2", 1);
        streams.put(later, 0, "x", 3);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator enumerator = start(matching(OnMissingStream.FAIL), state);
        registerAll(enumerator);
        context.runCalls();

        assertThat(assigned())
                .contains(V3ioShardSplit.unbounded(later.shard(0), new ShardStart.At(1)));
    }

    @Test
    void streamsThatOnlyAChangedPatternMatchesStartWhereTheJobIsToldTo() {
        StreamPath other = streams.create("users/me/other", 1);
        streams.put(other, 0, "x", 3);
        V3ioSourceEnumerator first = start(matching(OnMissingStream.FAIL), null);
        context.runCalls();
        V3ioEnumeratorState state = restored(first.snapshotState(1));

        context = new CoordinatorContext(PARALLELISM);
        EnumeratorSettings changed =
                settings(
                        new StreamSubscription.Matching("users", "me", Pattern.compile(".*")),
                        StartingPosition.latest(),
                        null,
                        OnMissingStream.FAIL);
        V3ioSourceEnumerator enumerator = start(changed, state);
        registerAll(enumerator);
        context.runCalls();

        assertThat(assigned())
                .contains(V3ioShardSplit.unbounded(other.shard(0), new ShardStart.After(3)));
    }

    @Test
    void aPatternThatMatchesNothingFailsOrWaits() {
        EnumeratorSettings nothing =
                settings(
                        new StreamSubscription.Matching(
                                "users", "nowhere", Pattern.compile("words.*")),
                        StartingPosition.latest(),
                        null,
                        OnMissingStream.FAIL);
        start(nothing, null);
        context.registerAllReaders();
        assertThatThrownBy(context::runCalls).hasMessageContaining("users/nowhere/<words.*>");

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator waiting =
                start(
                        settings(
                                nothing.subscription(),
                                StartingPosition.latest(),
                                null,
                                OnMissingStream.WAIT),
                        null);
        registerAll(waiting);
        context.runCalls();
        StreamPath later = streams.create("users/nowhere/words", 1);
        streams.put(later, 0, "x", 3);
        context.runCalls();

        assertThat(assigned())
                .containsExactly(V3ioShardSplit.unbounded(later.shard(0), new ShardStart.At(1)));
    }

    @Test
    void aStreamOfAPatternThatIsDeletedFailsTheJob() {
        start(matching(OnMissingStream.FAIL), null);
        context.runCalls();
        streams.client().deleteStream(words).join();

        context.registerAllReaders();
        assertThatThrownBy(context::runCalls)
                .hasMessageContaining("Stream users/me/words does not exist any more");
    }

    @Test
    void afterARestoreNothingIsAssignedBeforeAllReadersHaveToldWhatTheyHold() {
        V3ioEnumeratorState state =
                new V3ioEnumeratorState(
                        Map.of(words, 4),
                        Set.of(),
                        null,
                        Set.of(),
                        null,
                        0,
                        List.of(
                                V3ioShardSplit.unbounded(words.shard(2), new ShardStart.At(1)),
                                V3ioShardSplit.unbounded(words.shard(3), new ShardStart.At(1))));
        V3ioSourceEnumerator enumerator = start(StartingPosition.latest(), null, state);
        context.registerReader(0, "localhost");
        enumerator.addReader(0);
        enumerator.handleSourceEvent(0, new ShardsHeldEvent(2));
        assertThat(context.getSplitAssignments().get(0)).isNull();

        context.registerReader(1, "localhost");
        enumerator.addReader(1);
        enumerator.handleSourceEvent(1, new ShardsHeldEvent(0));

        assertThat(context.getSplitAssignments().get(0)).isNull();
        assertThat(assignedTo(1)).hasSize(2);
    }

    @Test
    void boundedReadersThatHaveEndedBeforeARestoreAreNotWaitedFor() {
        V3ioEnumeratorState state =
                new V3ioEnumeratorState(
                        Map.of(words, 4),
                        Set.of(),
                        null,
                        Set.of(),
                        null,
                        0,
                        List.of(V3ioShardSplit.bounded(words.shard(2), new ShardStart.At(1), 5)));
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.earliest(), StoppingPosition.latest(), state);

        register(enumerator, 1);

        assertThat(assignedTo(1)).hasSize(1);
        assertThat(context.getSplitAssignments().get(1).hasReceivedNoMoreSplitsSignal()).isTrue();
    }

    @Test
    void surplusReadersAreToldOnceAllShardsHaveReaders() {
        context = new CoordinatorContext(6);
        V3ioSourceEnumerator enumerator =
                start(StartingPosition.latest(), null, V3ioEnumeratorState.initial());
        for (int subtask = 0; subtask < 6; subtask++) {
            register(enumerator, subtask);
        }
        assertThat(context.getSentEvents()).isEmpty();

        context.runCalls();
        context.runCalls();
        assertThat(context.getSentEvents())
                .containsOnlyKeys(4, 5)
                .allSatisfy(
                        (subtask, events) ->
                                assertThat(events).containsExactly(new NoShardsEvent()));

        streams.grow(words, 5);
        context.runCalls();
        assertThat(assignedTo(4)).hasSize(1);
    }

    @Test
    void aReaderThatWasToldOfNoShardsIsToldOfTheEndToo() {
        context = new CoordinatorContext(3);
        streams.put(words, 0, "x", 3);
        V3ioSourceEnumerator enumerator =
                start(
                        settings(
                                new StreamSubscription.Named(
                                        List.of(words, StreamPath.parse("users/me/later"))),
                                StartingPosition.earliest(),
                                StoppingPosition.latest(),
                                OnMissingStream.WAIT),
                        null);
        registerAll(enumerator);
        context.runCalls();
        assertThat(context.getSentEvents()).containsOnlyKeys(1, 2);

        StreamPath later = streams.create("users/me/later", 1);
        streams.put(later, 0, "x", 3);
        context.runCalls();

        assertThat(context.getSplitAssignments().values())
                .hasSize(3)
                .allMatch(assignment -> assignment.hasReceivedNoMoreSplitsSignal());
    }

    @Test
    void severalAttemptsOfASubtaskAreToldByTheirNumbers() {
        context = new CoordinatorContext(5);
        V3ioSourceEnumerator enumerator = startNamed(OnMissingStream.FAIL, "users/me/words");
        context.runCalls();
        for (int subtask = 0; subtask < 5; subtask++) {
            context.registerAttempt(subtask, 0);
            enumerator.addReader(subtask);
            enumerator.handleSourceEvent(subtask, 0, new ShardsHeldEvent(0));
        }
        assertThat(context.eventsOfAttempts).containsOnlyKeys("4#0");

        // The second attempt gets from Flink what the first one has; that is not to be counted.
        context.registerAttempt(4, 1);
        enumerator.handleSourceEvent(4, 1, new ShardsHeldEvent(0));
        context.registerAttempt(0, 1);
        enumerator.handleSourceEvent(0, 1, new ShardsHeldEvent(1));
        streams.grow(words, 5);
        context.runCalls();

        assertThat(context.eventsOfAttempts).containsOnlyKeys("4#0", "4#1");
        assertThat(shardCounts()).containsExactly(1, 1, 1, 1, 1);
    }

    @Test
    void growthWhileTheJobWasDownIsSeenWithoutDiscoveryToo() {
        EnumeratorSettings withoutDiscovery =
                settings(
                        new StreamSubscription.Named(List.of(words)),
                        StartingPosition.earliest(),
                        null,
                        OnMissingStream.FAIL,
                        Duration.ZERO);
        V3ioSourceEnumerator first = start(withoutDiscovery, null);
        registerAll(first);
        context.runCalls();
        V3ioEnumeratorState state = restored(first.snapshotState(1));
        streams.grow(words, 6);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator enumerator = start(withoutDiscovery, state);
        registerAll(enumerator);
        context.runCalls();

        assertThat(assigned())
                .containsExactlyInAnyOrder(
                        V3ioShardSplit.unbounded(words.shard(4), new ShardStart.At(1)),
                        V3ioShardSplit.unbounded(words.shard(5), new ShardStart.At(1)));
        long looks = streams.emulator().requestCount(Operation.DESCRIBE_STREAM);
        context.runCalls();
        assertThat(streams.emulator().requestCount(Operation.DESCRIBE_STREAM)).isEqualTo(looks);
    }

    @Test
    void aStreamTakenOffTheListIsReadOnWithItsNewShards() {
        streams.create("users/me/other", 1);
        V3ioSourceEnumerator first =
                startNamed(OnMissingStream.FAIL, "users/me/words", "users/me/other");
        registerAll(first);
        context.runCalls();
        V3ioEnumeratorState state = restored(first.snapshotState(1));
        streams.grow(words, 5);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator enumerator =
                start(named(OnMissingStream.FAIL, "users/me/other"), state);
        registerAll(enumerator);
        context.runCalls();
        assertThat(assigned())
                .containsExactly(V3ioShardSplit.unbounded(words.shard(4), new ShardStart.At(1)));

        streams.client().deleteStream(words).join();
        assertThatThrownBy(context::runCalls)
                .hasMessageContaining("Stream users/me/words does not exist any more");
    }

    @Test
    void aReaderGetsNothingBeforeItHasToldWhatItHolds() {
        V3ioSourceEnumerator enumerator = startNamed(OnMissingStream.FAIL, "users/me/words");
        context.runCalls();
        context.registerReader(0, "localhost");
        enumerator.addReader(0);
        assertThat(context.getSplitAssignments()).isEmpty();

        enumerator.handleSourceEvent(0, new ShardsHeldEvent(0));

        assertThat(assignedTo(0)).hasSize(2);
    }

    @Test
    void whatTheReaderOfAnEarlierPartOfAHybridSourceHoldsIsNotCounted() {
        V3ioSourceEnumerator enumerator = startNamed(OnMissingStream.FAIL, "users/me/words");
        enumerator.handleSourceEvent(0, new ShardsHeldEvent(9));
        registerAll(enumerator);
        context.runCalls();

        assertThat(shardCounts()).containsExactly(2, 2);
    }

    @Test
    void aFailedReaderWithNothingToGiveBackTellsAgain() {
        context = new CoordinatorContext(2);
        V3ioSourceEnumerator enumerator = startNamed(OnMissingStream.FAIL, "users/me/words");
        registerAll(enumerator);
        context.runCalls();

        // In a hybrid source; all its shards are in the checkpoint.
        enumerator.addReader(1);
        streams.grow(words, 6);
        context.runCalls();
        assertThat(shardCounts()).containsExactly(2, 2);
        enumerator.handleSourceEvent(1, new ShardsHeldEvent(2));

        assertThat(shardCounts()).containsExactly(3, 3);
    }

    @Test
    void anOwnAssignerChoosesTheReaders() {
        ShardAssigner byNumber = (shard, readers) -> shard.number() / 3;
        start(
                new EnumeratorSettings(
                        new StreamSubscription.Named(List.of(words)),
                        new StreamReading.OfStreams(EARLIEST, Map.of()),
                        EVERY_CALL,
                        OnMissingStream.FAIL,
                        OnDeletedStream.FAIL,
                        OnUnsubscribedStream.READ_ON,
                        byNumber,
                        false),
                null);
        registerAll(started.get(0));
        context.runCalls();
        assertThat(shardCounts()).containsExactly(3, 1);

        streams.grow(words, 7);
        assertThatThrownBy(context::runCalls)
                .hasMessageContaining("chose subtask 2 for shard users/me/words/6")
                .hasMessageContaining("0 to 1");
    }

    @Test
    void aStopByTimeLearnsANumberFromOneRecordOfEachShard() {
        putLargeRecords();

        startUntil(Instant.now().minusSeconds(60));
        context.runCalls();

        // The whole of what a request without a limit gets is 4 x 40 x 70 KB.
        assertThat(requests.bytesReceived()).isLessThan(4 * 150_000);
    }

    @Test
    void aStopByTimeSeeksAgainWhenALocationDies() {
        streams.put(words, 0, "x", 5);
        streams.emulator().faults().add(Fault.on(Operation.GET_RECORDS).killLocation().times(3));

        startUntil(Instant.now().plusSeconds(60));
        context.runCalls();

        assertThat(streams.emulator().requestCount(Operation.SEEK)).isEqualTo(4);
        assertThat(assigned())
                .containsExactly(
                        V3ioShardSplit.bounded(words.shard(0), ShardStart.Earliest.INSTANCE, 5));
    }

    @Test
    void aStopByTimeThatCannotBeFoundFailsTheJob() {
        streams.put(words, 0, "x", 5);
        streams.emulator().faults().add(Fault.on(Operation.GET_RECORDS).killLocation());

        startUntil(Instant.now().plusSeconds(60));

        assertThatThrownBy(context::runCalls)
                .hasStackTraceContaining("shard users/me/words/0")
                .hasStackTraceContaining("retention removed it 20 times");
    }

    @Test
    void aKeyThatMayNotListStartsFromTheOldestRecords() {
        streams.put(words, 0, "x", 5);
        refuseListings();

        registerAll(start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial()));
        context.runCalls();

        assertThat(assigned())
                .hasSize(4)
                .extracting(V3ioShardSplit::start)
                .containsOnly(ShardStart.Earliest.INSTANCE);
    }

    @Test
    void aKeyThatMayNotListStartsFromATimeWithoutListing() {
        refuseListings();
        Instant time = Instant.now();

        registerAll(start(StartingPosition.timestamp(time), null, V3ioEnumeratorState.initial()));
        context.runCalls();

        assertThat(assigned())
                .hasSize(4)
                .extracting(V3ioShardSplit::start)
                .containsOnly(new ShardStart.AtTime(time));
        assertThat(streams.emulator().requestCount(Operation.LIST)).isZero();
    }

    @Test
    void whereListingIsRefusedTheShardsAreAskedForTheirNewestRecords() {
        streams.put(words, 1, "x", 5);
        refuseListings();

        registerAll(start(StartingPosition.latest(), null, V3ioEnumeratorState.initial()));
        context.runCalls();

        assertThat(assigned())
                .containsExactlyInAnyOrder(
                        V3ioShardSplit.unbounded(words.shard(0), new ShardStart.At(1)),
                        V3ioShardSplit.unbounded(words.shard(1), new ShardStart.After(5)),
                        V3ioShardSplit.unbounded(words.shard(2), new ShardStart.At(1)),
                        V3ioShardSplit.unbounded(words.shard(3), new ShardStart.At(1)));
    }

    @Test
    void eachStreamMayHaveItsOwnPositionAndShards() {
        StreamPath other = streams.create("users/me/other", 3);
        streams.put(words, 0, "x", 5);
        streams.put(other, 1, "x", 7);
        start(
                new EnumeratorSettings(
                        new StreamSubscription.Named(List.of(words, other)),
                        new StreamReading.OfStreams(
                                EARLIEST,
                                Map.of(
                                        other,
                                        new StreamReading(
                                                StartingPosition.latest(), null, Set.of(1)))),
                        EVERY_CALL,
                        OnMissingStream.FAIL,
                        OnDeletedStream.FAIL,
                        OnUnsubscribedStream.READ_ON,
                        ShardAssigner.balanced(),
                        false),
                null);
        registerAll(started.get(0));
        context.runCalls();

        assertThat(assigned())
                .hasSize(5)
                .contains(
                        V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE),
                        V3ioShardSplit.unbounded(other.shard(1), new ShardStart.After(7)));
    }

    @Test
    void aStateWithADeletedStreamIsRestoredWithoutItWhenThatIsChosen() {
        StreamPath other = streams.create("users/me/other", 1);
        V3ioSourceEnumerator first =
                startNamed(OnMissingStream.FAIL, "users/me/words", "users/me/other");
        context.runCalls();
        // No reader was there: the splits are in this state.
        V3ioEnumeratorState state = restored(first.snapshotState(1));
        streams.client().deleteStream(words).join();

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator enumerator =
                start(
                        new EnumeratorSettings(
                                new StreamSubscription.Named(List.of(other)),
                                new StreamReading.OfStreams(EARLIEST, Map.of()),
                                EVERY_CALL,
                                OnMissingStream.FAIL,
                                OnDeletedStream.FAIL,
                                OnUnsubscribedStream.DROP,
                                ShardAssigner.balanced(),
                                false),
                        state);
        registerAll(enumerator);
        context.runCalls();

        assertThat(assigned())
                .containsExactly(V3ioShardSplit.unbounded(other.shard(0), new ShardStart.At(1)));
        assertThat(enumerator.snapshotState(2).knownShardCounts()).containsOnlyKeys(other);
    }

    @Test
    void aDeletedStreamEndsWhenThatIsChosenAndIsNotReadAgain() {
        StreamPath other = streams.create("users/me/other", 1);
        EnumeratorSettings ending =
                new EnumeratorSettings(
                        new StreamSubscription.Named(List.of(words, other)),
                        new StreamReading.OfStreams(EARLIEST, Map.of()),
                        EVERY_CALL,
                        OnMissingStream.FAIL,
                        OnDeletedStream.END,
                        OnUnsubscribedStream.READ_ON,
                        ShardAssigner.balanced(),
                        false);
        V3ioSourceEnumerator first = start(ending, null);
        context.runCalls();
        streams.client().deleteStream(words).join();
        assertThat(warningsOf(context::runCalls))
                .singleElement()
                .asString()
                .contains("Stream users/me/words was deleted");
        assertThat(first.snapshotState(1).unassignedSplits())
                .containsExactly(V3ioShardSplit.unbounded(other.shard(0), new ShardStart.At(1)));
        V3ioEnumeratorState state = restored(first.snapshotState(1));
        streams.create("users/me/words", 4);

        context = new CoordinatorContext(PARALLELISM);
        V3ioSourceEnumerator enumerator = start(ending, state);
        registerAll(enumerator);
        context.runCalls();
        context.runCalls();

        assertThat(assigned())
                .containsExactly(V3ioShardSplit.unbounded(other.shard(0), new ShardStart.At(1)));
    }

    @Test
    void aChangedBoundednessIsToldOfAtTheRestore() {
        V3ioSourceEnumerator bounded =
                start(
                        StartingPosition.earliest(),
                        StoppingPosition.latest(),
                        V3ioEnumeratorState.initial());
        V3ioSourceEnumerator unbounded =
                start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        context.runCalls();
        V3ioEnumeratorState ofBounded = restored(bounded.snapshotState(1));
        V3ioEnumeratorState ofUnbounded = restored(unbounded.snapshotState(1));

        assertThat(warningsOf(() -> start(StartingPosition.earliest(), null, ofBounded)))
                .singleElement()
                .asString()
                .contains("with a stopping position, and this one has none");
        assertThat(
                        warningsOf(
                                () ->
                                        start(
                                                StartingPosition.earliest(),
                                                StoppingPosition.latest(),
                                                ofUnbounded)))
                .singleElement()
                .asString()
                .contains("without a stopping position, and this one has one");
        assertThat(warningsOf(() -> start(StartingPosition.earliest(), null, ofUnbounded)))
                .isEmpty();
    }

    @Test
    void anOutageIsWarnedOfWithoutFillingTheLog() {
        start(StartingPosition.earliest(), null, V3ioEnumeratorState.initial());
        context.runCalls();
        streams.emulator()
                .faults()
                .add(Fault.on(Operation.DESCRIBE_STREAM).respond(503, "text/html", "busy"));

        List<String> warnings =
                warningsOf(
                        () -> {
                            for (int look = 0; look < 9; look++) {
                                context.runCalls();
                            }
                        });

        assertThat(warnings.stream().filter(line -> line.contains("Could not look")))
                .hasSize(4)
                .allMatch(line -> line.contains("users/me/words"));
    }

    private void putLargeRecords() {
        List<PutRecord> records = new ArrayList<>();
        for (int shard = 0; shard < 4; shard++) {
            for (int i = 0; i < 40; i++) {
                records.add(PutRecord.of(new byte[70_000]).withShardId(shard));
            }
            streams.putAll(words, records);
            records.clear();
        }
    }

    private void startUntil(Instant stop) {
        registerAll(
                start(
                        StartingPosition.earliest(),
                        StoppingPosition.timestamp(stop),
                        V3ioEnumeratorState.initial()));
    }

    private void refuseListings() {
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.LIST)
                                .respond(
                                        403,
                                        "application/json",
                                        "{\"ErrorCode\": -13, \"ErrorMessage\": \"Permission denied\"}"));
    }

    /** What the enumerator warns of meanwhile. */
    private static List<String> warningsOf(Runnable action) {
        List<String> lines = new CopyOnWriteArrayList<>();
        AbstractAppender recorder =
                new AbstractAppender("recorder", null, null, true, Property.EMPTY_ARRAY) {
                    @Override
                    public void append(LogEvent event) {
                        lines.add(event.getMessage().getFormattedMessage());
                    }
                };
        recorder.start();
        String name = V3ioSourceEnumerator.class.getPackageName();
        LoggerConfig recorded = new LoggerConfig(name, Level.WARN, false);
        recorded.addAppender(recorder, Level.WARN, null);
        LoggerContext logging = LoggerContext.getContext(false);
        logging.getConfiguration().addLogger(name, recorded);
        logging.updateLoggers();
        try {
            action.run();
        } finally {
            logging.getConfiguration().removeLogger(name);
            logging.updateLoggers();
        }
        return lines;
    }

    @Test
    void readersOfSeveralStreamsDifferByAtMostOneShardAfterGrowthToo() {
        context = new CoordinatorContext(3);
        streams.create("users/me/a", 1);
        streams.create("users/me/b", 1);
        streams.create("users/me/c", 1);
        V3ioSourceEnumerator enumerator =
                startNamed(
                        OnMissingStream.FAIL,
                        "users/me/a",
                        "users/me/b",
                        "users/me/c",
                        "users/me/words");
        registerAll(enumerator);
        context.runCalls();
        assertThat(shardCounts()).containsExactlyInAnyOrder(2, 2, 3);

        streams.grow(words, 6);
        context.runCalls();
        assertThat(shardCounts()).containsExactly(3, 3, 3);
    }

    @Test
    void fourThousandShardsAreResolvedTogether() {
        streams.close();
        streams = PLATFORM.start(e -> e.latency(Duration.ofMillis(20)).seed(7));
        words = streams.create("users/me/words", 4_096);
        // One request for each shard; one after another they would take 82 s.
        V3ioSourceEnumerator enumerator =
                start(
                        StartingPosition.committed("group", StartingPosition.latest()),
                        null,
                        V3ioEnumeratorState.initial());
        registerAll(enumerator);
        assertThat(CompletableFuture.runAsync(context::runCalls))
                .succeedsWithin(Duration.ofSeconds(30));

        assertThat(streams.emulator().requestCount(Operation.GET_ITEM)).isEqualTo(4_096);
        assertThat(assigned()).hasSize(4_096);
        assertThat(shardCounts()).containsExactly(2_048, 2_048);
    }

    private static EnumeratorSettings settings(
            StreamSubscription subscription,
            StartingPosition startingPosition,
            @Nullable StoppingPosition stoppingPosition,
            OnMissingStream onMissingStream) {
        return settings(
                subscription, startingPosition, stoppingPosition, onMissingStream, EVERY_CALL);
    }

    private static EnumeratorSettings settings(
            StreamSubscription subscription,
            StartingPosition startingPosition,
            @Nullable StoppingPosition stoppingPosition,
            OnMissingStream onMissingStream,
            Duration discoveryInterval) {
        return new EnumeratorSettings(
                subscription,
                new StreamReading.OfStreams(
                        new StreamReading(startingPosition, stoppingPosition, null), Map.of()),
                discoveryInterval,
                onMissingStream,
                OnDeletedStream.FAIL,
                OnUnsubscribedStream.READ_ON,
                ShardAssigner.balanced(),
                false);
    }

    private static EnumeratorSettings tellingBacklog(EnumeratorSettings settings) {
        return new EnumeratorSettings(
                settings.subscription(),
                settings.readings(),
                settings.discoveryInterval(),
                settings.onMissingStream(),
                settings.onDeletedStream(),
                settings.onUnsubscribedStream(),
                settings.shardAssigner(),
                true);
    }

    private EnumeratorSettings matching(OnMissingStream onMissingStream) {
        return settings(
                new StreamSubscription.Matching("users", "me", Pattern.compile("words.*")),
                StartingPosition.latest(),
                null,
                onMissingStream);
    }

    private static EnumeratorSettings named(OnMissingStream onMissingStream, String... names) {
        return settings(
                new StreamSubscription.Named(Arrays.stream(names).map(StreamPath::parse).toList()),
                StartingPosition.latest(),
                null,
                onMissingStream);
    }

    private V3ioSourceEnumerator startNamed(OnMissingStream onMissingStream, String... names) {
        return start(named(onMissingStream, names), null);
    }

    /** As it comes out of a checkpoint. */
    private static V3ioEnumeratorState restored(V3ioEnumeratorState state) {
        V3ioEnumeratorStateSerializer serializer = V3ioEnumeratorStateSerializer.INSTANCE;
        try {
            return serializer.deserialize(serializer.getVersion(), serializer.serialize(state));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void registerAll(V3ioSourceEnumerator enumerator) {
        for (int subtask = 0; subtask < context.currentParallelism(); subtask++) {
            register(enumerator, subtask);
        }
    }

    private List<V3ioShardSplit> assigned() {
        return context.getSplitAssignments().values().stream()
                .flatMap(assignment -> assignment.getAssignedSplits().stream())
                .toList();
    }

    private List<Integer> shardCounts() {
        return context.getSplitAssignments().values().stream()
                .map(assignment -> assignment.getAssignedSplits().size())
                .toList();
    }

    private V3ioSourceEnumerator start(
            StartingPosition startingPosition,
            @Nullable StoppingPosition stoppingPosition,
            V3ioEnumeratorState state) {
        return start(
                settings(
                        new StreamSubscription.Named(List.of(words)),
                        startingPosition,
                        stoppingPosition,
                        OnMissingStream.FAIL),
                state.equals(V3ioEnumeratorState.initial()) ? null : state);
    }

    private V3ioSourceEnumerator start(
            EnumeratorSettings settings, @Nullable V3ioEnumeratorState state) {
        V3ioSourceEnumerator enumerator =
                new V3ioSourceEnumerator(
                        context,
                        () -> {
                            V3ioClient client =
                                    V3ioClient.builder()
                                            .setEndpoint(streams.endpoint())
                                            .setAccessKey(EmulatedStreams.ACCESS_KEY)
                                            .setRetryPolicy(RetryPolicy.none())
                                            .build();
                            requests = client.metrics();
                            return client;
                        },
                        settings,
                        state);
        started.add(enumerator);
        enumerator.start();
        return enumerator;
    }

    private void register(V3ioSourceEnumerator enumerator, int subtask) {
        context.registerReader(subtask, "localhost");
        enumerator.addReader(subtask);
        enumerator.handleSourceEvent(subtask, new ShardsHeldEvent(0));
    }

    private List<SourceEvent> eventsOf(int subtask) {
        return context.getSentEvents().getOrDefault(subtask, List.of());
    }

    private List<V3ioShardSplit> assignedTo(int subtask) {
        return context.getSplitAssignments().get(subtask).getAssignedSplits();
    }

    /**
     * Runs calls when the test says so and, like Flink's coordinator, lets a handler's exception
     * out.
     */
    private static final class CoordinatorContext
            extends TestingSplitEnumeratorContext<V3ioShardSplit> {

        private final List<Runnable> once = new ArrayList<>();
        private final List<Runnable> periodic = new ArrayList<>();
        private final Map<Integer, Map<Integer, ReaderInfo>> attempts = new HashMap<>();
        private final Map<String, SourceEvent> eventsOfAttempts = new HashMap<>();
        private final List<Boolean> backlog = new ArrayList<>();

        CoordinatorContext(int parallelism) {
            super(parallelism);
        }

        /** As in speculative execution. */
        void registerAttempt(int subtask, int attempt) {
            if (!attempts.containsKey(subtask)) {
                registerReader(subtask, "localhost");
            }
            attempts.computeIfAbsent(subtask, none -> new HashMap<>())
                    .put(attempt, new ReaderInfo(subtask, "localhost"));
        }

        @Override
        public Map<Integer, Map<Integer, ReaderInfo>> registeredReadersOfAttempts() {
            return attempts;
        }

        @Override
        public void sendEventToSourceReader(int subtask, SourceEvent event) {
            // As in Flink.
            assertThat(attempts).isEmpty();
            super.sendEventToSourceReader(subtask, event);
        }

        @Override
        public void sendEventToSourceReader(int subtask, int attempt, SourceEvent event) {
            eventsOfAttempts.put(subtask + "#" + attempt, event);
        }

        /** Without telling the enumerator. */
        void registerAllReaders() {
            for (int subtask = 0; subtask < currentParallelism(); subtask++) {
                registerReader(subtask, "localhost");
            }
        }

        @Override
        public void setIsProcessingBacklog(boolean isProcessingBacklog) {
            backlog.add(isProcessingBacklog);
        }

        void runCalls() {
            List<Runnable> calls = new ArrayList<>(once);
            calls.addAll(periodic);
            once.clear();
            calls.forEach(Runnable::run);
        }

        @Override
        public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
            once.add(() -> call(callable, handler));
        }

        @Override
        public <T> void callAsync(
                Callable<T> callable,
                BiConsumer<T, Throwable> handler,
                long initialDelayMillis,
                long periodMillis) {
            periodic.add(() -> call(callable, handler));
        }

        private static <T> void call(Callable<T> callable, BiConsumer<T, Throwable> handler) {
            T result;
            try {
                result = callable.call();
            } catch (Exception e) {
                handler.accept(null, e);
                return;
            }
            handler.accept(result, null);
        }
    }
}
