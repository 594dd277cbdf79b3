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
import io.v3io.flink.source.reader.AheadBlock.Fit;
import io.v3io.flink.source.reader.ReadAhead.Turn;

import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

import static org.assertj.core.api.Assertions.assertThat;

/** Blocks of ten records; the shard itself asks for 11 to 20 when the first of them is planned. */
class ReadAheadTest {

    private static final ShardId SHARD = StreamPath.parse("users/words").shard(0);
    private static final Instant ARRIVAL = Instant.ofEpochSecond(1_700_000_000);
    private static final int MOST = 8;
    private static final int RECORDS = 10;
    private static final int BODY_BYTES = 500;

    private final ReadAhead ahead = new ReadAhead();

    private AheadBlock plan() {
        return ahead.plan(20, RECORDS, 1_000);
    }

    /** So many blocks, none of which has been asked for. */
    private List<AheadBlock> plan(int count) {
        ahead.knows(1_000_000);
        while (ahead.blocks().size() < count) {
            ahead.grow(MOST, 0);
            AheadBlock block = plan();
            while (block != null && ahead.blocks().size() < count) {
                block = plan();
            }
        }
        return ahead.blocks();
    }

    private Turn turn(long takenThrough) {
        return ahead.turn(takenThrough, ARRIVAL);
    }

    private static List<Long> numbers(long first, long last) {
        return LongStream.rangeClosed(first, last).boxed().toList();
    }

    private static List<Long> numbers(AheadBlock.Answer answer) {
        return answer.batch().records().stream().map(StreamRecord::sequenceNumber).toList();
    }

    private static AheadBlock.Answer answer(long first, long last, long behind) {
        return answer(behind, LongStream.rangeClosed(first, last).toArray());
    }

    private static AheadBlock.Answer answer(long behind, long... numbers) {
        List<StreamRecord> records = new ArrayList<>();
        for (long number : numbers) {
            records.add(
                    new StreamRecord(
                            SHARD, number, ARRIVAL.getEpochSecond(), 0, new byte[1], null, null));
        }
        return new AheadBlock.Answer(
                new Location("from"),
                RECORDS,
                new RecordBatch(records, new Location("next"), 5, behind, BODY_BYTES),
                7);
    }

    @Test
    void nothingIsReadAheadBeforeTheReaderHasWaited() {
        ahead.knows(1_000_000);
        assertThat(plan()).isNull();
        assertThat(ahead.isActive()).isFalse();

        ahead.grow(MOST, 0);
        assertThat(ahead.isActive()).isTrue();
        assertThat(plan().nextToTake()).isEqualTo(21);
    }

    @Test
    void eachWaitDoublesTheBlocksUpToAsManyAsAreAllowed() {
        ahead.knows(1_000_000);
        List<Integer> counts = new ArrayList<>();
        for (int wait = 0; wait < 5; wait++) {
            ahead.grow(MOST, 0);
            while (plan() != null) {
                assertThat(ahead.blocks()).hasSizeLessThanOrEqualTo(MOST);
            }
            counts.add(ahead.blocks().size());
        }
        assertThat(counts).containsExactly(2, 4, 8, 8, 8);
    }

    @Test
    void noMoreBlocksThanAreAllowedEvenAtFirst() {
        ahead.knows(1_000_000);
        ahead.grow(1, 0);
        assertThat(plan()).isNotNull();
        assertThat(plan()).isNull();
    }

    @Test
    void blocksFollowEachOther() {
        assertThat(plan(3).stream().map(AheadBlock::nextToTake)).containsExactly(21L, 31L, 41L);
        assertThat(ahead.blocks().get(1).recordsToAsk()).isEqualTo(1 + RECORDS);
    }

    @Test
    void aBlockEndsBeforeTheNewestRecordThatIsKnown() {
        ahead.knows(41);
        ahead.knows(30);
        ahead.grow(MOST, 0);
        assertThat(plan().nextToTake()).isEqualTo(21);
        assertThat(ahead.plan(20, RECORDS, 1_000).nextToTake()).isEqualTo(31);

        ahead.grow(MOST, 0);
        assertThat(plan()).isNull();
    }

    @Test
    void aShardIsFarBehindWhenFourBlocksAreLeft() {
        ahead.knows(100);
        assertThat(ahead.isFarBehind(60, RECORDS)).isTrue();
        assertThat(ahead.isFarBehind(61, RECORDS)).isFalse();
    }

    @Test
    void theShardsOwnRequestEndsWhereTheFirstBlockBegins() {
        assertThat(ahead.recordsBefore(10, 1_000)).isEqualTo(1_000);
        plan(2);
        assertThat(ahead.recordsBefore(10, 1_000)).isEqualTo(10);
        assertThat(ahead.recordsBefore(17, 1_000)).isEqualTo(3);
        assertThat(ahead.recordsBefore(10, 4)).isEqualTo(4);
    }

    @Test
    void answersAreTakenInTheOrderOfTheirNumbers() {
        List<AheadBlock> blocks = plan(2);
        blocks.get(0).isUnderWay = true;
        assertThat(blocks.get(1).answered(answer(30, 40, 99))).isEqualTo(Fit.FITS);
        assertThat(turn(12)).isEqualTo(Turn.ASK);
        assertThat(turn(20)).isEqualTo(Turn.WAIT);

        blocks.get(0).isUnderWay = false;
        assertThat(blocks.get(0).answered(answer(20, 30, 109))).isEqualTo(Fit.FITS);
        assertThat(turn(20)).isEqualTo(Turn.TAKE);
        assertThat(numbers(ahead.take())).isEqualTo(numbers(21, 30));
        assertThat(turn(30)).isEqualTo(Turn.TAKE);
        ahead.take();
        assertThat(ahead.hasBlocks()).isFalse();
    }

    @Test
    void aBlockIsTakenOnlyAfterTheVeryRecordThatItWasFoundBy() {
        AheadBlock block = plan(1).get(0);
        assertThat(block.nextToAsk()).isEqualTo(20);
        assertThat(block.answered(answer(20, 24, 99))).isEqualTo(Fit.FITS);
        assertThat(block.nextToAsk()).isEqualTo(25);
        assertThat(ahead.turn(20, ARRIVAL.plusNanos(1))).isEqualTo(Turn.ANOTHER_STREAM);
        // Nothing can be compared: the shard's own location answers.
        assertThat(ahead.turn(20, null)).isEqualTo(Turn.OVERTAKE);
        assertThat(ahead.turn(20, ARRIVAL)).isEqualTo(Turn.TAKE);

        AheadBlock.Answer taken = ahead.take();
        assertThat(taken.asked()).isEqualTo(RECORDS - 1);
        assertThat(taken.batch().bodyBytes()).isEqualTo(BODY_BYTES);
        // Its second answer follows by a location.
        assertThat(block.answered(answer(25, 30, 99))).isEqualTo(Fit.FITS);
        assertThat(ahead.turn(24, ARRIVAL.plusNanos(1))).isEqualTo(Turn.TAKE);
    }

    @Test
    void aFirstAnswerMayHaveOnlyTheRecordBeforeTheBlock() {
        AheadBlock block = plan(1).get(0);
        assertThat(block.answered(answer(20, 20, 99))).isEqualTo(Fit.JOINS);
        assertThat(block.isToBeAsked()).isTrue();
        assertThat(block.recordsToAsk()).isEqualTo(RECORDS);
        assertThat(block.answered(answer(21, 30, 99))).isEqualTo(Fit.FITS);
        assertThat(ahead.turn(20, ARRIVAL.plusNanos(1))).isEqualTo(Turn.ANOTHER_STREAM);
        assertThat(turn(20)).isEqualTo(Turn.TAKE);
    }

    @Test
    void aBlockThatHasNotBeenAskedForIsOvertaken() {
        plan(1);
        assertThat(turn(20)).isEqualTo(Turn.OVERTAKE);
    }

    @Test
    void whatTheShardHasGotAlreadyIsNotTakenAgain() {
        AheadBlock block = plan(1).get(0);
        assertThat(block.answered(answer(20, 30, 99))).isEqualTo(Fit.FITS);
        assertThat(turn(21)).isEqualTo(Turn.MISFIT);
        assertThat(turn(500)).isEqualTo(Turn.MISFIT);
    }

    @Test
    void aShortAnswerIsContinuedByItsOwnLocationUntilTheBlockIsFull() {
        AheadBlock block = plan(1).get(0);
        assertThat(block.answered(answer(20, 24, 200))).isEqualTo(Fit.FITS);
        assertThat(block.location).isEqualTo(new Location("next"));
        assertThat(block.isToBeAsked()).isTrue();
        assertThat(block.nextToAsk()).isEqualTo(25);
        assertThat(block.recordsToAsk()).isEqualTo(6);
        assertThat(turn(20)).isEqualTo(Turn.TAKE);
        ahead.take();
        assertThat(turn(24)).isEqualTo(Turn.OVERTAKE);

        assertThat(block.answered(answer(25, 30, 200))).isEqualTo(Fit.FITS);
        assertThat(block.isToBeAsked()).isFalse();
        assertThat(turn(24)).isEqualTo(Turn.TAKE);
    }

    @Test
    void answersWithOtherNumbersDoNotFit() {
        assertThat(plan(1).get(0).answered(answer(21, 30, 9))).isEqualTo(Fit.MISFIT);
        assertThat(plan(1).get(0).answered(answer(1, 10, 9))).isEqualTo(Fit.MISFIT);
        assertThat(plan(1).get(0).answered(answer(9, 20, 21, 22, 24))).isEqualTo(Fit.MISFIT);
        assertThat(plan(1).get(0).answered(answer(9, 20, 21, 23, 22, 24))).isEqualTo(Fit.MISFIT);
        // More than was asked for.
        assertThat(plan(1).get(0).answered(answer(20, 31, 9))).isEqualTo(Fit.MISFIT);
        assertThat(turn(20)).isEqualTo(Turn.OVERTAKE);
    }

    @Test
    void anAnswerThatSaysThatTheShardEndsIsNotTaken() {
        AheadBlock block = plan(1).get(0);
        assertThat(block.answered(answer(50))).isEqualTo(Fit.ENDS);
        assertThat(block.answered(answer(0))).isEqualTo(Fit.ENDS);
        assertThat(block.answered(answer(20, 30, 0))).isEqualTo(Fit.ENDS);
        assertThat(turn(20)).isEqualTo(Turn.OVERTAKE);
    }

    @Test
    void thereAreFewerBlocksWhenAllOfThemWaitForTheReader() {
        List<AheadBlock> blocks = plan(2);
        blocks.get(1).answered(answer(30, 40, 99));
        ahead.shrinkIfAllWait();
        blocks.get(0).answered(answer(20, 30, 99));
        ahead.take();
        assertThat(plan()).isNotNull();

        ahead.blocks().get(1).answered(answer(40, 50, 99));
        ahead.shrinkIfAllWait();
        ahead.take();
        assertThat(plan()).isNull();
        ahead.take();
        assertThat(plan()).isNotNull();
        ahead.blocks().get(0).answered(answer(20, 30, 99));
        ahead.shrinkIfAllWait();
        ahead.take();
        assertThat(ahead.isActive()).isFalse();
    }

    @Test
    void aDroppedBlockGivesBackWhatItHolds() {
        List<AheadBlock> blocks = plan(3);
        blocks.get(0).reservedBytes = 1_000;
        blocks.get(1).answered(answer(30, 35, 99));
        blocks.get(1).reservedBytes = 300;
        assertThat(ahead.drop(blocks.get(0))).isEqualTo(1_000);
        assertThat(blocks.get(0).isDropped()).isTrue();
        // The shard's own request now fills the place.
        assertThat(ahead.recordsBefore(20, 1_000)).isEqualTo(10);
        assertThat(ahead.dropAll()).isEqualTo(BODY_BYTES + 300);
        assertThat(blocks.get(2).isDropped()).isTrue();
        assertThat(ahead.isActive()).isFalse();
    }

    @Test
    void anAnswerThatIsBeingReceivedHoldsItsBytesUntilItHasEnded() {
        AheadBlock block = plan(1).get(0);
        block.reservedBytes = 1_000;
        block.isUnderWay = true;
        block.isAdmitted = true;
        assertThat(ahead.dropAll()).isZero();
        assertThat(block.takeReserved()).isEqualTo(1_000);
        assertThat(block.takeReserved()).isZero();
    }

    @Test
    void theLastBlockGoesFirstWhenBytesAreShort() {
        List<AheadBlock> blocks = plan(3);
        blocks.get(2).reservedBytes = 70;
        assertThat(ahead.dropLast()).isEqualTo(70);
        assertThat(ahead.blocks()).containsExactly(blocks.get(0), blocks.get(1));
        assertThat(plan()).isNull();
    }

    /** It gives nothing back at once, and another one would have to go, too. */
    @Test
    void aBlockThatIsBeingReceivedStaysWhenBytesAreShort() {
        List<AheadBlock> blocks = plan(3);
        blocks.get(2).reservedBytes = 70;
        blocks.get(2).isUnderWay = true;
        blocks.get(2).isAdmitted = true;
        blocks.get(1).answered(answer(30, 40, 99));
        assertThat(ahead.bytesToGiveBack()).isEqualTo(BODY_BYTES);
        assertThat(ahead.dropLast()).isEqualTo(BODY_BYTES);
        assertThat(ahead.blocks()).containsExactly(blocks.get(0), blocks.get(2));
    }

    @Test
    void afterAFailureNothingIsReadAheadForAWhileAndWhatCameIsOfUse() {
        List<AheadBlock> blocks = plan(2);
        blocks.get(1).answered(answer(30, 40, 99));
        ahead.pauseUntil(100);
        ahead.drop(blocks.get(0));
        assertThat(ahead.isPausing(99)).isTrue();
        ahead.grow(MOST, 99);
        assertThat(plan()).isNull();
        assertThat(turn(30)).isEqualTo(Turn.TAKE);

        ahead.grow(MOST, 100);
        assertThat(plan()).isNotNull();
        assertThat(ahead.isPausing(100)).isFalse();
    }

    @Test
    void thereAreFewerBlocksWhenThereIsNoRoomForOne() {
        plan(2);
        ahead.shrinkBelowNow();
        assertThat(plan()).isNull();
        ahead.dropFirst();
        assertThat(plan()).isNull();
        ahead.dropFirst();
        assertThat(plan()).isNotNull();
    }

    @Test
    void whatIsRefusedIsNotTriedAgainUntilItIsAllowed() {
        plan(2);
        ahead.dropAll();
        ahead.refuse();
        ahead.knows(1_000_000);
        ahead.grow(MOST, Long.MAX_VALUE);
        assertThat(plan()).isNull();
        assertThat(ahead.isActive()).isFalse();

        ahead.allow();
        ahead.grow(MOST, Long.MAX_VALUE);
        assertThat(plan()).isNotNull();
    }
}
