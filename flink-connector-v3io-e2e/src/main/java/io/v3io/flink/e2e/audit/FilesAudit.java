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

import io.v3io.client.model.StreamRecord;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** Stream through keyed state into files, exactly once: one row for each record. */
public final class FilesAudit {

    private FilesAudit() {}

    /**
     * Compares what the stream holds with the rows that a job wrote to files.
     *
     * @param directory of the rows: shard, sequence number, the one before it in the job's state,
     *     checksum
     */
    public static AuditReport compare(StoredStream stream, Path directory) throws IOException {
        AuditReport report = AuditReport.of("stream to files", stream.count());
        Map<Place, Row> rows = new HashMap<>();
        for (Path file : PartFiles.committed(directory)) {
            Map<Integer, Long> last = new HashMap<>();
            for (String line : PartFiles.lines(file)) {
                Row row = Row.parse(line, file);
                if (rows.putIfAbsent(row.place, row) != null) {
                    report.duplicated().add(row.place + " in " + file.getFileName());
                }
                Long before = last.put(row.place.shard, row.place.sequenceNumber);
                if (before != null && before >= row.place.sequenceNumber) {
                    report.reordered().add(row.place + " after " + before + " in " + row.file);
                }
            }
        }
        stream.shards().forEach((shard, records) -> compare(shard, records, rows, report));
        rows.keySet().forEach(place -> report.duplicated().add(place + " was never stored"));
        return report;
    }

    private static void compare(
            int shard, List<StreamRecord> records, Map<Place, Row> rows, AuditReport report) {
        long previous = 0;
        for (StreamRecord record : records) {
            Place place = new Place(shard, record.sequenceNumber());
            Row row = rows.remove(place);
            if (row == null) {
                report.lost().add(place.toString());
            } else if (row.checksum != checksum(record)) {
                report.lost().add(place + " has other data in " + row.file);
            } else if (row.previous != previous) {
                report.reordered()
                        .add(place + " came after " + row.previous + " in the job's state");
            }
            previous = record.sequenceNumber();
        }
    }

    private static long checksum(StreamRecord record) {
        CRC32 checksum = new CRC32();
        checksum.update(record.data());
        return checksum.getValue();
    }

    private record Place(int shard, long sequenceNumber) {
        @Override
        public String toString() {
            return "shard " + shard + " sequence number " + sequenceNumber;
        }
    }

    private record Row(Place place, long previous, long checksum, Path file) {
        static Row parse(String line, Path file) {
            String[] fields = line.split(",", -1);
            return new Row(
                    new Place(Integer.parseInt(fields[0]), Long.parseLong(fields[1])),
                    Long.parseLong(fields[2]),
                    Long.parseLong(fields[3]),
                    file.getFileName());
        }
    }
}
