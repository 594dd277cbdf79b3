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

package io.v3io.flink.e2e.audit;

import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.CRC32;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.apache.flink.connector.base.DeliveryGuarantee.AT_LEAST_ONCE;
import static org.apache.flink.connector.base.DeliveryGuarantee.EXACTLY_ONCE;
import static org.assertj.core.api.Assertions.assertThat;

/** An auditor that finds nothing is believed only if it finds what is there. */
class AuditTest {

    private static final StreamPath STREAM = StreamPath.parse("users/e2e/audited");

    @TempDir private Path directory;

    @Test
    void findsNothingWhereAllIsWell() throws Exception {
        StoredStream stream = stored("a1", "a2", "b1");
        files("part-0", row(0, 1, 0, "a1"), row(0, 2, 1, "a2"));
        files("part-1", row(0, 3, 2, "b1"));
        assertThat(FilesAudit.compare(stream, directory).isClean()).isTrue();
        assertThat(
                        CopyAudit.compare(stream, stored("a1", "b1", "a2", "a1"), AT_LEAST_ONCE)
                                .isClean())
                .isTrue();
        assertThat(GeneratorAudit.compare(3, numbers(0, 1, 0, 2), AT_LEAST_ONCE).isClean())
                .isTrue();
    }

    @Test
    void findsALostARepeatedAndAnInventedRow() throws Exception {
        files("part-0", row(0, 1, 0, "a1"), row(0, 1, 0, "a1"), row(7, 1, 0, "x"));
        files(".part-1.inprogress", row(0, 2, 1, "a2"));
        AuditReport report = FilesAudit.compare(stored("a1", "a2"), directory);
        assertThat(report.lost()).containsExactly("shard 0 sequence number 2");
        assertThat(report.duplicated())
                .containsExactly(
                        "shard 0 sequence number 1 in part-0",
                        "shard 7 sequence number 1 was never stored");
        assertThat(report.toString()).contains("2 records, 1 lost", "2 duplicated");
    }

    @Test
    void findsRowsOutOfOrderWithOtherDataAndWithStateThatWentBack() throws Exception {
        files("part-0", row(0, 2, 1, "a2"), row(0, 1, 0, "a1"), row(0, 3, 1, "x"));
        AuditReport report = FilesAudit.compare(stored("a1", "a2", "a3"), directory);
        assertThat(report.lost()).singleElement().asString().contains("has other data");
        assertThat(report.reordered()).singleElement().asString().contains("after 2");

        files("part-0", row(0, 1, 0, "a1"), row(0, 2, 0, "a2"));
        assertThat(FilesAudit.compare(stored("a1", "a2"), directory).reordered())
                .singleElement()
                .asString()
                .contains("came after 0 in the job's state");
    }

    @Test
    void findsWhatACopyLacksAndWhatOvertookInIt() {
        AuditReport report =
                CopyAudit.compare(
                        stored("a1", "a2", "b1"), stored("a2", "a1", "a2"), AT_LEAST_ONCE);
        assertThat(report.lost()).containsExactly("shard 0 sequence number 3");
        assertThat(report.reordered())
                .singleElement()
                .asString()
                .contains("shard 0 sequence number 2 of a is number 1");
    }

    @Test
    void findsNumbersThatAreMissingOrOvertook() {
        AuditReport report = GeneratorAudit.compare(4, numbers(0, 2, 1, 2), AT_LEAST_ONCE);
        assertThat(report.lost()).containsExactly("number 3");
        assertThat(report.reordered()).singleElement().asString().contains("number 1 of 0 after 2");
    }

    @Test
    void findsCopiesInTheStreamOfAnExactlyOnceSink() {
        StoredStream stream = stored("a1", "a2", "b1");
        assertThat(CopyAudit.compare(stream, tagged(1, "a1", "a2", "b1"), EXACTLY_ONCE).isClean())
                .isTrue();
        assertThat(
                        CopyAudit.compare(stream, tagged(1, "a1", "b1", "a2", "a1"), EXACTLY_ONCE)
                                .duplicated())
                .containsExactly("shard 0 sequence number 4 of the copy is there once too often");
        assertThat(CopyAudit.compare(stream, tagged(1, "a1", "b1", "a2", "c9"), EXACTLY_ONCE))
                .satisfies(
                        report -> assertThat(report.duplicated()).hasSize(1),
                        report -> assertThat(report.lost()).isEmpty());
        assertThat(
                        CopyAudit.compare(stream, tagged(0, "a1", "b1", "a2"), EXACTLY_ONCE)
                                .duplicated())
                .containsExactly(
                        "shard 0 sequence number 2 of the copy has the tag of another record",
                        "shard 0 sequence number 3 of the copy has the tag of another record");
        assertThat(CopyAudit.compare(stream, stored("a1", "b1", "a2"), EXACTLY_ONCE).duplicated())
                .hasSize(3)
                .allSatisfy(found -> assertThat(found).contains("has no tag"));
        assertThat(GeneratorAudit.compare(3, numbers(0, 1, 0, 2), EXACTLY_ONCE).duplicated())
                .containsExactly("number 0 once more at shard 0 sequence number 3");
    }

    @Test
    void findsWindowsThatCountTooFewAndTooMany() throws Exception {
        files("part-0", "0,2,3", "0,1,3");
        assertThat(WindowsAudit.compare(stored("a", "a", "a"), directory).isClean()).isTrue();
        assertThat(WindowsAudit.countedRecords(directory)).isEqualTo(3);
        assertThat(WindowsAudit.compare(stored("a", "a", "a", "a"), directory).lost()).hasSize(1);
        assertThat(WindowsAudit.compare(stored("a", "a"), directory).duplicated()).hasSize(1);
        files("part-1", "0,1,3");
        assertThat(WindowsAudit.compare(stored("a", "a", "a", "a"), directory).duplicated())
                .singleElement()
                .asString()
                .contains("4 records with a sum of 9 counted, 4 with a sum of 10 stored");
    }

    private void files(String name, String... rows) throws IOException {
        Files.write(directory.resolve(name), List.of(rows));
    }

    private static String row(int shard, long sequenceNumber, long previous, String data) {
        CRC32 checksum = new CRC32();
        checksum.update(data.getBytes(UTF_8));
        return shard + "," + sequenceNumber + "," + previous + "," + checksum.getValue();
    }

    /** One shard; the first letter of the data is the partition key. */
    private static StoredStream stored(String... data) {
        List<StreamRecord> records = new ArrayList<>();
        for (String text : data) {
            records.add(record(records.size() + 1, text.substring(0, 1), text));
        }
        return new StoredStream(shard(records));
    }

    /** As {@link #stored}, with tags, each of which is that much larger than the one before. */
    private static StoredStream tagged(int step, String... data) {
        List<StreamRecord> records = new ArrayList<>();
        for (StreamRecord record : stored(data).records()) {
            byte[] tag = ByteBuffer.allocate(16).putInt(12, step * records.size()).array();
            records.add(
                    new StreamRecord(
                            record.shard(),
                            record.sequenceNumber(),
                            0,
                            0,
                            record.data(),
                            record.partitionKey(),
                            tag));
        }
        return new StoredStream(shard(records));
    }

    private static StoredStream numbers(int... numbers) {
        List<StreamRecord> records = new ArrayList<>();
        for (int number : numbers) {
            records.add(record(records.size() + 1, "0", Integer.toString(number)));
        }
        return new StoredStream(shard(records));
    }

    private static SortedMap<Integer, List<StreamRecord>> shard(List<StreamRecord> records) {
        SortedMap<Integer, List<StreamRecord>> shards = new TreeMap<>();
        shards.put(0, records);
        return shards;
    }

    private static StreamRecord record(long sequenceNumber, String key, String data) {
        return new StreamRecord(
                new ShardId(STREAM, 0), sequenceNumber, 0, 0, data.getBytes(UTF_8), key, null);
    }
}
