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

import org.apache.flink.connector.base.DeliveryGuarantee;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Stream to stream, in the order of the partition keys. The data of a record is unique in its
 * stream, but for copies that the platform made.
 */
public final class CopyAudit {

    private static final int TAG_BYTES = 16;

    private CopyAudit() {}

    /**
     * Compares a stream with its copy, which did not grow.
     *
     * @param guarantee with {@code EXACTLY_ONCE} the copy holds each record as often as the stream,
     *     each time with another tag; client info is not copied then
     */
    public static AuditReport compare(
            StoredStream stream, StoredStream copy, DeliveryGuarantee guarantee) {
        AuditReport report = AuditReport.of("stream to stream", stream.count());
        boolean tagged = guarantee == DeliveryGuarantee.EXACTLY_ONCE;
        Map<String, StreamRecord> first = new HashMap<>();
        for (StreamRecord record : copy.records()) {
            first.putIfAbsent(data(record), record);
        }
        stream.shards().forEach((shard, records) -> compare(shard, records, first, tagged, report));
        if (tagged) {
            findCopies(stream, copy, report);
        }
        return report;
    }

    private static void findCopies(StoredStream stream, StoredStream copy, AuditReport report) {
        Map<String, Integer> left = new HashMap<>();
        stream.records().forEach(record -> left.merge(data(record), 1, Integer::sum));
        Set<ByteBuffer> tags = new HashSet<>();
        for (StreamRecord record : copy.records()) {
            String place =
                    "shard %d sequence number %d of the copy"
                            .formatted(record.shard().number(), record.sequenceNumber());
            Integer more = left.merge(data(record), -1, Integer::sum);
            if (more < 0) {
                report.duplicated().add(place + " is there once too often");
            } else if (record.clientInfo() == null || record.clientInfo().length != TAG_BYTES) {
                report.duplicated().add(place + " has no tag");
            } else if (!tags.add(ByteBuffer.wrap(record.clientInfo()))) {
                report.duplicated().add(place + " has the tag of another record");
            }
        }
    }

    private static String data(StreamRecord record) {
        return new String(record.data(), UTF_8);
    }

    private static void compare(
            int shard,
            List<StreamRecord> records,
            Map<String, StreamRecord> first,
            boolean tagged,
            AuditReport report) {
        Map<String, Long> newest = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (StreamRecord record : records) {
            String place = "shard " + shard + " sequence number " + record.sequenceNumber();
            StreamRecord copied = first.get(data(record));
            if (copied == null) {
                report.lost().add(place);
                continue;
            }
            if (!Objects.equals(copied.partitionKey(), record.partitionKey())
                    || (!tagged && !Arrays.equals(copied.clientInfo(), record.clientInfo()))) {
                report.lost().add(place + " has another partition key or client info in the copy");
            }
            // The platform may have stored it twice by itself; the order is that of the first ones.
            if (!seen.add(data(record))) {
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
