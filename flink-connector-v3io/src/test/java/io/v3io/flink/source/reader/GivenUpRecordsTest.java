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
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.split.ShardFacts;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** What is lost is given up once, and what is not lost never. */
class GivenUpRecordsTest extends SplitReaderTestBase {

    private static final Location DEAD = new Location("AAAAAAAAAAAAAAAAAAAAAA==");

    /** Read through 20 when 21 to 30 went, 31 to 40 were there. */
    private V3ioShardSplit readThrough20() {
        streams.put(words, 0, "x", 20);
        V3ioShardSplit split =
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(emitted(20, DEAD));
        streams.put(words, 0, "y", 20);
        streams.emulator().trimShard("users/words", 0, 31);
        return split;
    }

    private CompletableFuture<Void> readUntil(int records) {
        return CompletableFuture.runAsync(() -> fetchUntil(() -> total() == records));
    }

    /** Until the shard is read at its new place: its end is seen, or the end of what is left. */
    private V3ioShardSplit checkpointAfterLoss(V3ioShardSplit split, long through) {
        await().until(
                        () -> {
                            ShardFacts.CaughtUp caughtUp = findings.fix(split).facts().caughtUp();
                            return caughtUp != null && caughtUp.sequenceNumber() == through;
                        });
        return findings.fix(split);
    }

    @ParameterizedTest
    @EnumSource(names = {"EARLIEST", "LATEST"})
    void whatWasGivenUpBeforeACheckpointIsNotGivenUpAgain(OnDataLoss choice) throws Exception {
        reader.close();
        reader = reader(100, 64, 64 << 20, choice);
        V3ioShardSplit split = readThrough20();
        add(split);
        int left = choice == OnDataLoss.EARLIEST ? 10 : 0;
        CompletableFuture<Void> reading = readUntil(left + 10);
        V3ioShardSplit checkpoint = checkpointAfterLoss(split, 40);
        assertThat(checkpoint.facts().givenUp())
                .isEqualTo(new ShardFacts.GivenUp(20, choice == OnDataLoss.EARLIEST ? 30 : 40));
        streams.put(words, 0, "z", 10);
        reading.get(30, TimeUnit.SECONDS);
        assertThat(fetched)
                .containsEntry(
                        "users/words/0", numbers(choice == OnDataLoss.EARLIEST ? 31 : 41, 50));
        assertThat(dataLossEvents()).isEqualTo(1);

        fetched.clear();
        reader.close();
        reader = reader(100, 64, 64 << 20, choice);
        add(checkpoint);
        readUntil(left + 10).get(30, TimeUnit.SECONDS);

        assertThat(fetched)
                .containsEntry(
                        "users/words/0", numbers(choice == OnDataLoss.EARLIEST ? 31 : 41, 50));
        assertThat(dataLossEvents()).isZero();
    }

    /** The task had not emitted all that was fetched before the loss. */
    @Test
    void aRestoreBeforeTheRecordsThatWereGivenUpGoesOnAfterThem() throws Exception {
        reader.close();
        reader = reader(100, 64, 64 << 20, OnDataLoss.LATEST);
        streams.put(words, 0, "x", 20);
        V3ioShardSplit split =
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(emitted(10, DEAD))
                        .with(new ShardFacts(new ShardFacts.GivenUp(20, 40), null, false));
        streams.put(words, 0, "y", 30);

        add(split);
        readUntil(40).get(30, TimeUnit.SECONDS);
        assertThat(fetched).as("nothing is gone").containsEntry("users/words/0", numbers(11, 50));

        fetched.clear();
        reader.close();
        reader = reader(100, 64, 64 << 20, OnDataLoss.LATEST);
        streams.emulator().trimShard("users/words", 0, 31);
        add(split);
        readUntil(10).get(30, TimeUnit.SECONDS);
        assertThat(fetched).containsEntry("users/words/0", numbers(41, 50));
    }

    /** Between the answer that shows no record and the question for the newest number. */
    @ParameterizedTest
    @EnumSource
    void aRecordThatComesWhileAnEmptiedShardIsLookedAtIsNotLost(OnDataLoss choice)
            throws Exception {
        reader.close();
        reader = reader(100, 64, 64 << 20, choice);
        streams.put(words, 0, "x", 20);
        V3ioShardSplit split =
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(emitted(20, DEAD));
        streams.emulator().trimShard("users/words", 0, 21);
        // The first request asks at the dead location, the second one what the oldest record is.
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.GET_RECORDS)
                                .skip(1)
                                .times(1)
                                .latency(Duration.ofSeconds(1)));
        add(split);
        CompletableFuture<Void> reading = readUntil(1);
        await().until(() -> streams.emulator().requestCount(Operation.GET_RECORDS) == 2);

        streams.put(words, 0, "next", 1);

        reading.get(30, TimeUnit.SECONDS);
        assertThat(fetched).containsEntry("users/words/0", numbers(21, 21));
        assertThat(dataLossEvents()).isZero();
    }

    @Test
    void anEmptiedShardWhoseLastRecordsWereNotReadIsALoss() {
        streams.put(words, 0, "x", 20);
        V3ioShardSplit split =
                V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)
                        .emittedUpTo(emitted(18, DEAD));
        streams.emulator().trimShard("users/words", 0, 21);
        add(split);

        assertThatThrownBy(this::fetchForever)
                .hasStackTraceContaining("has sequence number 19,")
                .hasStackTraceContaining("2 sequence numbers are missing");
    }

    @Test
    void aShardThatIsNotFoundOnceIsSoughtAgain() throws Exception {
        streams.put(words, 0, "x", 20);
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.GET_RECORDS)
                                .times(1)
                                .respond(
                                        404,
                                        "application/json",
                                        "{\"ErrorCode\": -2, \"ErrorMessage\": \"ResourceNotFoundException\"}"));
        add(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE));

        readUntil(20).get(30, TimeUnit.SECONDS);
        assertThat(fetched).containsEntry("users/words/0", numbers(1, 20));
    }
}
