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

package io.v3io.flink.e2e.migration;

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.e2e.audit.AuditReport;
import io.v3io.flink.e2e.audit.StoredStream;
import io.v3io.flink.kafka.record.Origin;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * Compares a stream with what came out of its topic. It knows only the headers of the records and
 * shares no code with the comparison of the command.
 */
final class MigrationAudit {

    private MigrationAudit() {}

    /** The whole topic: every record once, in the order of its shard, with all its parts. */
    static AuditReport ofTopic(
            StoredStream stored, Map<Integer, List<ConsumerRecord<byte[], byte[]>>> topic) {
        return compare("mirror", stored, shard -> 0, topic);
    }

    /**
     * What a group gets from Kafka: what it had not committed on V3IO.
     *
     * @param committed number of the last record that it has processed of each shard
     */
    static AuditReport ofGroup(
            String group,
            StoredStream stored,
            Map<Integer, OptionalLong> committed,
            Map<Integer, List<ConsumerRecord<byte[], byte[]>>> got) {
        return compare(
                group,
                stored,
                shard -> committed.getOrDefault(shard, OptionalLong.empty()).orElse(0),
                got);
    }

    private static AuditReport compare(
            String path,
            StoredStream stored,
            ToLongFunction<Integer> after,
            Map<Integer, List<ConsumerRecord<byte[], byte[]>>> topic) {
        List<String> lost = new ArrayList<>();
        List<String> duplicated = new ArrayList<>();
        List<String> reordered = new ArrayList<>();
        long records = 0;
        Set<Integer> shards = new HashSet<>(stored.shards().keySet());
        shards.addAll(topic.keySet());
        for (int shard : shards) {
            Map<Long, StreamRecord> wanted = new TreeMap<>();
            for (StreamRecord record : stored.shards().getOrDefault(shard, List.of())) {
                if (record.sequenceNumber() > after.applyAsLong(shard)) {
                    wanted.put(record.sequenceNumber(), record);
                }
            }
            records += wanted.size();
            Set<Long> seen = new HashSet<>();
            long last = 0;
            for (ConsumerRecord<byte[], byte[]> record : topic.getOrDefault(shard, List.of())) {
                Origin origin = Origin.of(record).orElseThrow();
                String place = shard + "/" + origin.sequenceNumber() + "@" + record.offset();
                StreamRecord there = wanted.get(origin.sequenceNumber());
                if (origin.shard() != shard
                        || there == null
                        || !seen.add(origin.sequenceNumber())
                        || !isSame(there, record)) {
                    duplicated.add(place);
                } else if (origin.sequenceNumber() < last) {
                    reordered.add(place);
                }
                last = Math.max(last, origin.sequenceNumber());
            }
            wanted.keySet().stream()
                    .filter(number -> !seen.contains(number))
                    .forEach(number -> lost.add(shard + "/" + number));
        }
        return new AuditReport(path, records, lost, duplicated, reordered);
    }

    private static boolean isSame(StreamRecord there, ConsumerRecord<byte[], byte[]> here) {
        byte[] key = there.partitionKey() == null ? null : there.partitionKey().getBytes(UTF_8);
        return Arrays.equals(there.data(), here.value())
                && Arrays.equals(key, here.key())
                && Arrays.equals(there.clientInfo(), Origin.clientInfo(here))
                && there.arrivalTimeMillis() == here.timestamp();
    }
}
