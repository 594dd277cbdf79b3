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
import io.v3io.client.model.RecordBatch;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** Record n arrives in second n; times on the reader's clock are seconds, too. */
class ShardLagTest {

    private static final ShardId SHARD = StreamPath.parse("users/words").shard(0);

    private List<Long> behind = List.of();
    private final ShardLag lag =
            new ShardLag((records, millis) -> behind = List.of(records, millis));

    private static long at(long second) {
        return TimeUnit.SECONDS.toNanos(second);
    }

    private static RecordBatch upTo(long number, long newest) {
        return new RecordBatch(
                List.of(new StreamRecord(SHARD, number, number, 0, new byte[0], null, null)),
                new Location("next"),
                1_000 * (newest - number),
                newest - number,
                10);
    }

    private static RecordBatch empty(long behind) {
        return new RecordBatch(List.of(), new Location("next"), 77, behind, 10);
    }

    private void assertBehind(long records, long millis) {
        assertThat(behind).containsExactly(records, millis);
    }

    @Test
    void anAnswerThatHasJustComeSaysHowFarBehindItsLastRecordIs() {
        lag.taken(upTo(10, 50), 10, at(100));
        assertBehind(40, 40_000);
        lag.taken(upTo(20, 45), 20, at(101));
        assertBehind(25, 25_000);
        lag.taken(upTo(45, 45), 45, at(102));
        assertBehind(0, 0);
    }

    @Test
    void anAnswerThatWaitedIsBehindWhatWasToldSince() {
        RecordBatch waits = upTo(20, 50);
        lag.taken(upTo(10, 50), 10, at(100));
        lag.told(waits, at(101));
        lag.told(upTo(30, 90), at(103));
        assertBehind(40, 40_000);
        lag.taken(waits, 20, at(101));
        assertBehind(70, 70_000);
        assertThat(lag.mostMillis(at(104))).isEqualTo(71_000);
    }

    @Test
    void whatAListingShowsNewArrivedAfterWhatWasToldLast() {
        lag.taken(upTo(10, 50), 10, at(100));
        lag.listed(50, 10, at(105));
        assertBehind(40, 40_000);
        lag.listed(60, 10, at(107));
        assertBehind(50, 42_000);
        lag.listed(60, 10, at(200));
        assertBehind(50, 42_000);
        lag.told(upTo(20, 50), at(99));
        lag.taken(upTo(20, 50), 20, at(99));
        assertBehind(40, 32_000);
    }

    @Test
    void aListingThatWasAskedForBeforeTheLastAnswerCameTellsNothing() {
        RecordBatch waits = upTo(20, 50);
        lag.taken(upTo(10, 50), 10, at(100));
        lag.told(waits, at(101));
        lag.told(upTo(30, 90), at(103));
        lag.listed(60, 10, at(102));
        lag.taken(waits, 20, at(101));
        assertBehind(70, 70_000);
    }

    @Test
    void anEmptyAnswerTellsNoTimeButAtTheEnd() {
        lag.taken(upTo(10, 50), 10, at(100));
        lag.taken(empty(39), 10, at(101));
        assertBehind(39, 40_000);
        lag.taken(empty(0), 10, at(102));
        assertBehind(0, 0);
        lag.listed(11, 10, at(105));
        assertBehind(1, 3_000);
    }

    @Test
    void beforeTheFirstAnswerTimeRunsFromTheBeginning() {
        lag.begins(at(100));
        lag.listed(5, 0, at(103));
        assertBehind(5, 3_000);
    }
}
