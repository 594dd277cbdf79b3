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

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Stream through windows into files, exactly once: rows of shard, number of records, sum of their
 * sequence numbers.
 */
public final class WindowsAudit {

    private WindowsAudit() {}

    /** Compares the stream with the rows that the windows have written. */
    public static AuditReport compare(StoredStream stream, Path directory) throws IOException {
        AuditReport report = AuditReport.of("stream through windows", stream.count());
        Map<Integer, Sums> windows = new HashMap<>();
        for (Path file : PartFiles.committed(directory)) {
            for (String line : PartFiles.lines(file)) {
                String[] fields = line.split(",", -1);
                windows.merge(
                        Integer.parseInt(fields[0]),
                        new Sums(Long.parseLong(fields[1]), Long.parseLong(fields[2])),
                        Sums::plus);
            }
        }
        stream.shards()
                .forEach(
                        (shard, records) -> {
                            Sums stored =
                                    new Sums(
                                            records.size(),
                                            records.stream()
                                                    .mapToLong(record -> record.sequenceNumber())
                                                    .sum());
                            Sums counted = windows.getOrDefault(shard, Sums.NOTHING);
                            if (counted.records < stored.records) {
                                report.lost().add(difference(shard, counted, stored));
                            } else if (!counted.equals(stored)) {
                                report.duplicated().add(difference(shard, counted, stored));
                            }
                        });
        return report;
    }

    /** Records that the windows have counted until now. */
    public static long countedRecords(Path directory) throws IOException {
        long records = 0;
        for (Path file : PartFiles.committed(directory)) {
            for (String line : PartFiles.lines(file)) {
                records += Long.parseLong(line.split(",", -1)[1]);
            }
        }
        return records;
    }

    private static String difference(int shard, Sums counted, Sums stored) {
        return "shard %d: %d records with a sum of %d counted, %d with a sum of %d stored"
                .formatted(shard, counted.records, counted.sum, stored.records, stored.sum);
    }

    private record Sums(long records, long sum) {

        private static final Sums NOTHING = new Sums(0, 0);

        Sums plus(Sums other) {
            return new Sums(records + other.records, sum + other.sum);
        }
    }
}
