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

import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;

/** The budget here is 64 MB, so that an answer is to have 4 MB. */
class RequestSizeTest {

    private static final long MEGABYTE = 1024 * 1024;

    private final RequestSize size = new RequestSize(1_000, 64 * MEGABYTE);

    /** An answer to a request for as much as is to be asked for. */
    private static void note(RequestSize size, RecordBatch answer) {
        size.noteAnswer(answer, size.limit());
    }

    @Test
    void asksForLessOfLargeRecordsAndForAllAgainOfSmallOnes() {
        assertThat(size.limit()).isEqualTo(1_000);
        assertThat(size.expectedBytes()).isEqualTo(MEGABYTE);

        note(size, answer(10, 10 * MEGABYTE, 500));
        assertThat(size.limit()).isEqualTo(4);
        assertThat(size.expectedBytes()).isEqualTo(4 * MEGABYTE);

        note(size, answer(4, 4_000, 500));
        assertThat(size.limit()).isEqualTo(1_000);
        assertThat(size.expectedBytes()).isEqualTo(500_000);
    }

    @Test
    void expectsWhatIsBehindWhenThatIsLessThanTheLimit() {
        note(size, answer(1_000, 1_000_000, 30));
        assertThat(size.expectedBytes()).isEqualTo(30_000);

        note(size, answer(30, 30_000, 0));
        assertThat(size.expectedBytes()).isEqualTo(30_000);

        note(size, answer(0, 120, 0));
        assertThat(size.expectedBytes()).isEqualTo(16 * 1024);
        assertThat(size.limit()).isEqualTo(1_000);
    }

    @Test
    void learnsThatAServerSendsLessThanItIsAskedForAndForgetsItWhenItDoesNot() {
        note(size, answer(500, 500_000, 1_000_000));
        assertThat(size.expectedBytes()).isEqualTo(875_000);
        for (int i = 0; i < 5; i++) {
            note(size, answer(500, 500_000, 1_000_000));
        }
        assertThat(size.limit()).isEqualTo(1_000);
        assertThat(size.expectedBytes()).isEqualTo(500_000);

        // The end of the stream says nothing about the server.
        note(size, answer(3, 3_000, 0));
        assertThat(size.expectedBytes()).isEqualTo(16 * 1024);
        note(size, answer(500, 500_000, 1_000_000));
        assertThat(size.expectedBytes()).isEqualTo(500_000);

        note(size, answer(1_000, 1_000_000, 1_000_000));
        assertThat(size.expectedBytes()).isEqualTo(1_000_000);
    }

    @Test
    void asksForOneRecordThatIsLargerThanAnAnswerShallBe() {
        note(size, answer(2, 10 * MEGABYTE, 5));

        assertThat(size.limit()).isEqualTo(1);
        assertThat(size.expectedBytes()).isEqualTo(5 * MEGABYTE);
    }

    @Test
    void expectsWhatWasRefusedUntilAnAnswerTellsBetter() {
        size.noteRefused(8 * MEGABYTE);

        assertThat(size.expectedBytes()).isEqualTo(8 * MEGABYTE);
        assertThat(size.limit()).isEqualTo(500);
    }

    @Test
    void neverAsksForLessThanOneRecordNorForMoreThanAllowed() {
        RequestSize tiny = new RequestSize(5, 1);
        assertThat(tiny.limit()).isEqualTo(5);
        tiny.noteRefused(10 * MEGABYTE);
        assertThat(tiny.limit()).isEqualTo(1);
        note(tiny, answer(5, 5, 1_000));
        assertThat(tiny.limit()).isEqualTo(5);
    }

    private static RecordBatch answer(int count, long bodyBytes, long recordsBehindLatest) {
        ShardId shard = StreamPath.parse("users/words").shard(0);
        List<StreamRecord> records = new ArrayList<>();
        for (int i = 1; i <= count; i++) {
            records.add(new StreamRecord(shard, i, 0, 0, new byte[0], null, null));
        }
        return new RecordBatch(
                records, new Location("AAAA"), 0, recordsBehindLatest, (int) bodyBytes);
    }

    @Test
    void aRequestForLessSaysNothingAboutWhatTheServerSendsAtTheMost() {
        size.noteAnswer(answer(3, 3_000, 1_000_000), 3);
        assertThat(size.expectedRecords()).isEqualTo(1_000);

        size.noteAnswer(answer(500, 500_000, 1_000_000), 1_000);
        assertThat(size.expectedRecords()).isEqualTo(875);
        size.noteAnswer(answer(875, 875_000, 1_000_000), 875);
        assertThat(size.expectedRecords()).isEqualTo(875);
    }
}
