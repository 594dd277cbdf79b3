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

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Stream to stream, at least once, in the order of the partition keys. The data of a record is
 * unique in its stream.
 */
public final class CopyAudit {

    private CopyAudit() {}

    /** Compares a stream with its copy, which did not grow. */
    public static AuditReport compare(StoredStream stream, StoredStream copy) {
        AuditReport report = AuditReport.of("stream to stream", stream.count());
        Map<String, StreamRecord> first = new HashMap<>();
        for (StreamRecord record : copy.records()) {
            first.putIfAbsent(new String(record.data(), UTF_8), record);
        }
        stream.shards().forEach((shard, records) -> compare(shard, records, first, report));
        return report;
    }

    private static void compare(
            int shard,
            List<StreamRecord> records,
            Map<String, StreamRecord> first,
            AuditReport report) {
        Map<String, Long> newest = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (StreamRecord record : records) {
            String place = "shard " + shard + " sequence number " + record.sequenceNumber();
            StreamRecord copied = first.get(new String(record.data(), UTF_8));
            if (copied == null) {
                report.lost().add(place);
                continue;
            }
            if (!Objects.equals(copied.partitionKey(), record.partitionKey())
                    || !Arrays.equals(copied.clientInfo(), record.clientInfo())) {
                report.lost().add(place + " has another partition key or client info in the copy");
            }
            // The platform may have stored it twice by itself; the order is that of the first ones.
            if (!seen.add(new String(record.data(), UTF_8))) {
                continue;
            }
            // A key of the copy is in one shard of it.
            Long before = newest.put(record.partitionKey(), copied.sequenceNumber());
            if (before != null && before > copied.sequenceNumber()) {
                report.reordered()
                        .add(
                                "%s of %s is number %d of the copy's shard %d, the one before it %d"
                                        .formatted(
                                                place,
                                                record.partitionKey(),
                                                copied.sequenceNumber(),
                                                copied.shard().number(),
                                                before));
            }
        }
    }
}
