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

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Numbers into a stream, in the order of their partition keys. */
public final class GeneratorAudit {

    private GeneratorAudit() {}

    /**
     * Compares what a generator made with what the stream holds.
     *
     * @param count the numbers were from 0 up to it, it not included
     * @param guarantee with {@code EXACTLY_ONCE} the stream holds no number twice
     */
    public static AuditReport compare(int count, StoredStream stream, DeliveryGuarantee guarantee) {
        AuditReport report = AuditReport.of("generator to stream", count);
        BitSet seen = new BitSet(count);
        Map<String, Integer> newest = new HashMap<>();
        for (StreamRecord record : stream.records()) {
            int number = Integer.parseInt(new String(record.data(), UTF_8));
            if (seen.get(number)) {
                if (guarantee == DeliveryGuarantee.EXACTLY_ONCE) {
                    report.duplicated().add("number " + number + " once more " + place(record));
                }
                continue;
            }
            seen.set(number);
            // One key is in one shard: the stream does not grow.
            Integer before = newest.put(record.partitionKey(), number);
            if (before != null && before > number) {
                report.reordered()
                        .add(
                                "number %d of %s after %d, %s"
                                        .formatted(
                                                number,
                                                record.partitionKey(),
                                                before,
                                                place(record)));
            }
        }
        for (int lost = seen.nextClearBit(0); lost < count; lost = seen.nextClearBit(lost + 1)) {
            report.lost().add("number " + lost);
        }
        return report;
    }

    private static String place(StreamRecord record) {
        return "at shard %d sequence number %d"
                .formatted(record.shard().number(), record.sequenceNumber());
    }
}
