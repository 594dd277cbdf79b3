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
import io.v3io.flink.sink.state.RoutedRecord;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

class OrderedQueueTest {

    private static final int MAX_RECORDS = 100;
    private static final long MAX_BYTES = 1_000;

    private final RecordQueue.Ordered queue = new RecordQueue.Ordered(MAX_RECORDS, MAX_BYTES);

    @Test
    void hasOneRecordOfARouteUnderWayAndTheNextWhenThatIsSettled() {
        queue.add(List.of(record("a", 1), record("a", 2), record("a", 3)));
        List<PendingRecord> first = queue.poll(0);
        assertThat(sizes(first)).containsExactly(1L);
        assertThat(queue.poll(0)).isEmpty();
        queue.settled(first.get(0));
        assertThat(sizes(queue.poll(0))).containsExactly(2L);
    }

    @Test
    void tellsKeysShardsAndTheLackOfBothApart() {
        PutRecord plain = PutRecord.of(new byte[0]);
        queue.add(
                List.of(
                        pending(plain, 1),
                        pending(plain.withPartitionKey("1"), 2),
                        pending(plain.withShardId(1), 3),
                        pending(plain.withShardId(2), 4),
                        pending(plain, 5),
                        pending(plain.withShardId(1), 6)));
        assertThat(sizes(pollAll())).containsExactly(1L, 2L, 3L, 4L);
    }

    /** With the shard as its route, a stream of few shards would have few records under way. */
    @Test
    void aKeyIsTheRouteWhereAPartitionerHasChosenItsShard() {
        PutRecord toShard = PutRecord.of(new byte[0]).withShardId(1);
        queue.add(
                List.of(
                        pending(toShard.withPartitionKey("a"), 1),
                        pending(toShard.withPartitionKey("b"), 2),
                        pending(toShard.withPartitionKey("a"), 3)));
        assertThat(sizes(pollAll())).containsExactly(1L, 2L);
    }

    @Test
    void takesHalfOfTheRoutesForARequest() {
        queue.add(records(64));
        assertThat(queue.poll(0)).hasSize(32);
        assertThat(queue.poll(1)).hasSize(32);
        assertThat(queue.poll(2)).isEmpty();
    }

    @Test
    void letsFewFreeRoutesWaitForOthersUnlessNothingIsUnderWay() {
        queue.add(records(64));
        List<PendingRecord> first = queue.poll(0);
        queue.poll(1);
        queue.add(records(64));
        first.subList(0, 7).forEach(queue::settled);
        assertThat(queue.poll(2)).isEmpty();
        assertThat(queue.poll(0)).hasSize(7);
        first.subList(7, 15).forEach(queue::settled);
        assertThat(queue.poll(2)).hasSize(8);
    }

    @Test
    void keepsTheLimitsOfARequestAndLetsNothingWaitForALargeRecord() {
        List<PendingRecord> records = new ArrayList<>(records(300));
        records.add(1, record("large", MAX_BYTES));
        queue.add(records);
        assertThat(sizes(queue.poll(0))).containsExactly(1L);
        assertThat(sizes(queue.poll(1))).containsExactly(MAX_BYTES);
        assertThat(queue.poll(2)).hasSize(MAX_RECORDS);
    }

    private List<PendingRecord> pollAll() {
        List<PendingRecord> all = new ArrayList<>();
        for (List<PendingRecord> part = queue.poll(0); !part.isEmpty(); part = queue.poll(0)) {
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
        return pending(PutRecord.of(new byte[0]).withPartitionKey(key), sizeBytes);
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
