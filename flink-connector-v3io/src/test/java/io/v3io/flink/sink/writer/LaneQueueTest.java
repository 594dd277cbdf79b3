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

package io.v3io.flink.sink.writer;

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.Partitioner;
import io.v3io.flink.sink.state.RoutedRecord;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class LaneQueueTest {

    private static final int MAX_RECORDS = 100;
    private static final long MAX_BYTES = 1_000;
    private static final PutRecord PLAIN = PutRecord.of(new byte[0]);

    private RecordQueue queue;

    @Nested
    class Strict {

        @BeforeEach
        void open() {
            queue = LaneQueue.strict(MAX_RECORDS, MAX_BYTES, Partitioner.DEFAULT);
        }

        @Test
        void hasOneRecordOfAKeyUnderWayAndTheNextWhenThatIsSettled() {
            queue.add(List.of(record("a", 1), record("a", 2), record("a", 3)));
            List<PendingRecord> first = queue.poll(true);
            assertThat(sizes(first)).containsExactly(1L);
            assertThat(queue.poll(true)).isEmpty();
            queue.settled(first.get(0));
            assertThat(sizes(queue.poll(true))).containsExactly(2L);
        }

        @Test
        void tellsKeysShardsAndTheLackOfBothApart() {
            queue.add(
                    List.of(
                            pending(PLAIN, 1),
                            pending(PLAIN.withPartitionKey("1"), 2),
                            pending(PLAIN.withShardId(1), 3),
                            pending(PLAIN.withShardId(2), 4),
                            pending(PLAIN, 5),
                            pending(PLAIN.withShardId(1), 6)));
            assertThat(sizes(pollAll())).containsExactly(1L, 2L, 3L, 4L);
        }

        /** With the shard as its lane, a stream of few shards would have few records under way. */
        @Test
        void aKeyIsTheLaneWhereAPartitionerHasChosenItsShard() {
            PutRecord toShard = PLAIN.withShardId(1);
            queue.add(
                    List.of(
                            pending(toShard.withPartitionKey("a"), 1),
                            pending(toShard.withPartitionKey("b"), 2),
                            pending(toShard.withPartitionKey("a"), 3)));
            assertThat(sizes(pollAll())).containsExactly(1L, 2L);
        }

        @Test
        void takesHalfOfTheKeysForARequest() {
            queue.add(records(64));
            assertThat(queue.poll(false)).hasSize(32);
            assertThat(queue.poll(false)).hasSize(32);
            assertThat(queue.poll(true)).isEmpty();
        }

        @Test
        void letsFewFreeKeysWaitForOthersUnlessARequestMayBeSmall() {
            queue.add(records(64));
            List<PendingRecord> first = queue.poll(true);
            queue.poll(true);
            assertThat(queue.isHolding()).isFalse();
            queue.add(records(64));
            first.subList(0, 7).forEach(queue::settled);
            assertThat(queue.poll(false)).isEmpty();
            assertThat(queue.isHolding()).isTrue();
            assertThat(queue.poll(true)).hasSize(7);
            first.subList(7, 15).forEach(queue::settled);
            assertThat(queue.poll(false)).hasSize(8);
        }

        @Test
        void keepsTheLimitsOfARequestAndLetsNothingWaitForALargeRecord() {
            List<PendingRecord> records = new ArrayList<>(records(300));
            records.add(1, record("large", MAX_BYTES));
            queue.add(records);
            assertThat(sizes(queue.poll(true))).containsExactly(1L);
            assertThat(sizes(queue.poll(true))).containsExactly(MAX_BYTES);
            assertThat(queue.poll(true)).hasSize(MAX_RECORDS);
        }
    }

    @Nested
    class Relaxed {

        @BeforeEach
        void open() {
            queue = LaneQueue.relaxed(MAX_RECORDS, MAX_BYTES, false, Partitioner.DEFAULT);
        }

        @Test
        void hasAllRecordsOfAKeyInOneRequestAndTheNextOnesWhenTheLastOfThemIsSettled() {
            queue.add(List.of(record("a", 1), record("a", 2)));
            List<PendingRecord> first = queue.poll(true);
            assertThat(sizes(first)).containsExactly(1L, 2L);
            queue.add(List.of(record("a", 3), record("a", 4)));
            assertThat(queue.poll(true)).isEmpty();
            queue.settled(first.get(1));
            assertThat(queue.poll(true)).as("the first one may still be sent again").isEmpty();
            queue.settled(first.get(0));
            assertThat(sizes(queue.poll(true))).containsExactly(3L, 4L);
        }

        @Test
        void aKeyWithMoreThanARequestHoldsGoesOnWhereItStopped() {
            List<PendingRecord> records = new ArrayList<>();
            for (int i = 0; i < MAX_RECORDS + 50; i++) {
                records.add(record("hot", 1));
            }
            queue.add(records);
            queue.add(List.of(record("other", 2)));
            List<PendingRecord> first = queue.poll(true);
            assertThat(first).isEqualTo(records.subList(0, MAX_RECORDS));
            assertThat(sizes(queue.poll(true)))
                    .as("a hot key holds up no other")
                    .containsExactly(2L);
            first.forEach(queue::settled);
            assertThat(queue.poll(true)).isEqualTo(records.subList(MAX_RECORDS, records.size()));
        }

        @Test
        void servesKeysInTurns() {
            List<PendingRecord> records = new ArrayList<>();
            for (int i = 0; i < 3 * MAX_RECORDS; i++) {
                records.add(record("hot", 1));
            }
            records.add(record("cold", 2));
            queue.add(records);
            List<PendingRecord> first = queue.poll(true);
            first.forEach(queue::settled);
            assertThat(sizes(queue.poll(true)))
                    .as("the key that has waited comes before the one that was served")
                    .startsWith(2L, 1L);
        }

        @Test
        void recordsWithoutARouteGoWithAnyRequest() {
            queue.add(
                    List.of(
                            pending(PLAIN, 1),
                            record("a", 2),
                            pending(PLAIN, 3),
                            pending(PLAIN.withShardId(0), 4)));
            assertThat(sizes(queue.poll(true))).containsExactly(1L, 3L, 2L, 4L);
            queue.add(List.of(pending(PLAIN, 5), record("a", 6)));
            assertThat(sizes(queue.poll(true)))
                    .as("those under way hold up nothing but their key")
                    .containsExactly(5L);
        }

        @Test
        void recordsWithoutARouteLeaveRoomForOthersWhenThereAreMany() {
            List<PendingRecord> records = new ArrayList<>();
            for (int i = 0; i < 3 * MAX_RECORDS; i++) {
                records.add(pending(PLAIN, 1));
            }
            records.add(record("a", 2));
            queue.add(records);
            assertThat(queue.poll(false)).hasSize(MAX_RECORDS).doesNotContain(records.get(300));
            assertThat(queue.poll(false)).startsWith(records.get(300)).hasSize(MAX_RECORDS);
            assertThat(queue.poll(false)).hasSize(MAX_RECORDS);
            assertThat(queue.poll(true)).hasSize(1);
            assertThat(queue.isHolding()).isFalse();
        }

        @Test
        void recordsWithoutARouteAreInOrderWhereAllOfASubtaskAre() {
            queue = LaneQueue.relaxed(MAX_RECORDS, MAX_BYTES, true, Partitioner.DEFAULT);
            queue.add(List.of(pending(PLAIN, 1), pending(PLAIN, 2)));
            List<PendingRecord> first = queue.poll(true);
            assertThat(sizes(first)).containsExactly(1L, 2L);
            queue.add(List.of(pending(PLAIN, 3)));
            assertThat(queue.poll(true)).isEmpty();
            first.forEach(queue::settled);
            assertThat(sizes(queue.poll(true))).containsExactly(3L);
        }

        @Test
        void keepsBackASmallRequestAndSendsAFullOne() {
            queue.add(records(MAX_RECORDS - 1));
            assertThat(queue.poll(false)).isEmpty();
            assertThat(queue.isHolding()).isTrue();
            queue.add(List.of(record("another", 1)));
            assertThat(queue.poll(false)).hasSize(MAX_RECORDS);
            assertThat(queue.isHolding()).isFalse();
        }

        @Test
        void whatWaitsForItsKeyMakesNoRequestFull() {
            queue.add(List.of(record("a", 1)));
            List<PendingRecord> first = queue.poll(true);
            List<PendingRecord> ofA = new ArrayList<>();
            for (int i = 0; i < MAX_RECORDS; i++) {
                ofA.add(record("a", 1));
            }
            queue.add(ofA);
            queue.add(List.of(record("b", 2)));
            assertThat(queue.poll(false)).isEmpty();
            queue.settled(first.get(0));
            assertThat(queue.poll(false)).hasSize(MAX_RECORDS);
        }

        /** The platform keeps the order of a request within each shard only. */
        @Test
        void aRequestHoldsRecordsOfALaneForOneShardOnly() {
            queue = LaneQueue.relaxed(MAX_RECORDS, MAX_BYTES, false, Partitioner.STOREY);
            PutRecord a = PLAIN.withPartitionKey("a");
            queue.add(
                    List.of(
                            pending(a.withShardId(1), 1),
                            pending(a.withShardId(1), 2),
                            pending(a.withShardId(3), 3)));
            List<PendingRecord> first = queue.poll(true);
            assertThat(sizes(first)).containsExactly(1L, 2L);
            assertThat(queue.poll(true)).isEmpty();
            first.forEach(queue::settled);
            assertThat(sizes(queue.poll(true))).containsExactly(3L);
        }

        @Test
        void aShardThatTheSinkHasChosenForASubtaskIsNoLane() {
            queue = LaneQueue.relaxed(MAX_RECORDS, MAX_BYTES, true, Partitioner.FIXED);
            queue.add(List.of(pending(PLAIN.withShardId(1), 1), pending(PLAIN.withShardId(3), 2)));
            List<PendingRecord> first = queue.poll(true);
            assertThat(sizes(first)).containsExactly(1L);
            assertThat(queue.poll(true)).as("records before the growth are under way").isEmpty();
            first.forEach(queue::settled);
            assertThat(sizes(queue.poll(true))).containsExactly(2L);
        }

        @Test
        void keepsTheBytesOfARequest() {
            queue.add(
                    List.of(
                            record("a", 600),
                            record("a", 300),
                            record("a", 101),
                            record("b", 200),
                            record("b", 100),
                            record("c", MAX_BYTES)));
            assertThat(sizes(queue.poll(false))).containsExactly(600L, 300L);
            assertThat(sizes(queue.poll(false))).containsExactly(200L, 100L);
            assertThat(sizes(queue.poll(false))).containsExactly(MAX_BYTES);
        }

        @Test
        void countsTheRecordsThatComeAfterLaterOnesOfTheirKey() {
            List<PendingRecord> sent =
                    List.of(
                            record("a", 1),
                            record("b", 2),
                            record("a", 3),
                            record("b", 4),
                            record("a", 5),
                            record("c", 6),
                            pending(PLAIN, 7),
                            pending(PLAIN, 8));
            queue.add(sent);
            PendingRecord a1 = sent.get(0);
            PendingRecord b2 = sent.get(1);
            PendingRecord a3 = sent.get(2);
            PendingRecord b4 = sent.get(3);
            PendingRecord a5 = sent.get(4);
            List<PendingRecord> stored = List.of(b2, a5, sent.get(7));
            assertThat(
                            RecordQueue.countOvertaken(
                                    sent, stored, List.of(a1, a3, b4, sent.get(5), sent.get(6))))
                    .as("a1 and a3 come after a5; b4 after no later one; nobody knows of 7")
                    .isEqualTo(2);
            assertThat(RecordQueue.countOvertaken(List.of(a1, a3), List.of(a3), List.of(a1)))
                    .as("a1 is counted")
                    .isZero();
            assertThat(RecordQueue.countOvertaken(List.of(a1, a3), List.of(), List.of(a1)))
                    .as("a3 was refused, and is never stored")
                    .isZero();
        }
    }

    private List<PendingRecord> pollAll() {
        List<PendingRecord> all = new ArrayList<>();
        for (List<PendingRecord> part = queue.poll(true);
                !part.isEmpty();
                part = queue.poll(true)) {
            all.addAll(part);
        }
        return all;
    }

    /** One record for each of so many keys. */
    private static List<PendingRecord> records(int keys) {
        List<PendingRecord> records = new ArrayList<>();
        for (int key = 0; key < keys; key++) {
            records.add(record("key-" + key, 1));
        }
        return records;
    }

    private static PendingRecord record(String key, long sizeBytes) {
        return pending(PLAIN.withPartitionKey(key), sizeBytes);
    }

    private static PendingRecord pending(PutRecord record, long sizeBytes) {
        return new PendingRecord(
                new RoutedRecord(StreamPath.parse("users/me/orders"), record),
                sizeBytes,
                new PendingRecord.Batch(1, ended -> {}));
    }

    private static List<Long> sizes(List<PendingRecord> records) {
        return records.stream().map(PendingRecord::sizeBytes).toList();
    }
}
