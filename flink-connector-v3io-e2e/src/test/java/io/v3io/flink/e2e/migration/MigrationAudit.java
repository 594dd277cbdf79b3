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
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
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
        return compare("mirror", stored, shard -> 0, topic, false);
    }

    /** As {@link #ofTopic}, where keys decide on partitions; the order is that in each of them. */
    static AuditReport ofTopicByKey(
            StoredStream stored, Map<Integer, List<ConsumerRecord<byte[], byte[]>>> topic) {
        return compare("mirror", stored, shard -> 0, topic, true);
    }

    /**
     * What a group gets from Kafka: what it had not committed on V3IO.
     *
     * @param byKey whether keys decide on partitions; then it may get others, too, and only what it
     *     does not get counts
     * @param committed number of the last record that it has processed of each shard
     */
    static AuditReport ofGroup(
            String group,
            boolean byKey,
            StoredStream stored,
            Map<Integer, OptionalLong> committed,
            Map<Integer, List<ConsumerRecord<byte[], byte[]>>> got) {
        AuditReport report =
                compare(
                        group,
                        stored,
                        shard -> committed.getOrDefault(shard, OptionalLong.empty()).orElse(0),
                        got,
                        byKey);
        return byKey
                ? new AuditReport(group, report.records(), report.lost(), List.of(), List.of())
                : report;
    }

    private static AuditReport compare(
            String path,
            StoredStream stored,
            ToLongFunction<Integer> after,
            Map<Integer, List<ConsumerRecord<byte[], byte[]>>> topic,
            boolean byKey) {
        List<String> lost = new ArrayList<>();
        List<String> duplicated = new ArrayList<>();
        List<String> reordered = new ArrayList<>();
        Map<String, StreamRecord> wanted = new LinkedHashMap<>();
        stored.shards()
                .forEach(
                        (shard, records) -> {
                            for (StreamRecord record : records) {
                                if (record.sequenceNumber() > after.applyAsLong(shard)) {
                                    wanted.put(shard + "/" + record.sequenceNumber(), record);
                                }
                            }
                        });
        Set<String> seen = new HashSet<>();
        topic.forEach(
                (partition, records) -> {
                    Map<Integer, Long> last = new HashMap<>();
                    for (ConsumerRecord<byte[], byte[]> record : records) {
                        Origin origin = Origin.of(record).orElseThrow();
                        String number = origin.shard() + "/" + origin.sequenceNumber();
                        String place = number + "@" + partition + "-" + record.offset();
                        StreamRecord there = wanted.get(number);
                        if ((!byKey && origin.shard() != partition)
                                || there == null
                                || !seen.add(number)
                                || !isSame(there, record)) {
                            duplicated.add(place);
                        } else if (origin.sequenceNumber()
                                < last.getOrDefault(origin.shard(), 0L)) {
                            reordered.add(place);
                        }
                        last.merge(origin.shard(), origin.sequenceNumber(), Math::max);
                    }
                });
        wanted.keySet().stream().filter(number -> !seen.contains(number)).forEach(lost::add);
        return new AuditReport(path, wanted.size(), lost, duplicated, reordered);
    }

    private static boolean isSame(StreamRecord there, ConsumerRecord<byte[], byte[]> here) {
        byte[] key = there.partitionKey() == null ? null : there.partitionKey().getBytes(UTF_8);
        return Arrays.equals(there.data(), here.value())
                && Arrays.equals(key, here.key())
                && Arrays.equals(there.clientInfo(), Origin.clientInfo(here))
                && there.arrivalTimeMillis() == here.timestamp();
    }
}
