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

package io.v3io.flink.kafka;

import io.v3io.flink.kafka.plan.Plan;
import io.v3io.flink.kafka.plan.Refusal;
import io.v3io.flink.kafka.plan.StreamPlan;
import io.v3io.flink.kafka.stream.ShardFacts;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Prints a plan. */
final class PlanReport {

    private final Output output;

    PlanReport(Output output) {
        this.output = output;
    }

    void print(Plan plan) {
        if (output.isForPrograms()) {
            output.json(
                    Map.of(
                            "streams",
                            plan.streams().stream().map(PlanReport::json).toList(),
                            "refusals",
                            plan.refusals()));
            return;
        }
        List<List<String>> rows = new ArrayList<>();
        for (StreamPlan stream : plan.streams()) {
            rows.add(
                    List.of(
                            stream.mapping().stream(),
                            String.valueOf(stream.stream().shards().size()),
                            stream.stream().retentionHours() + " h",
                            String.valueOf(records(stream)),
                            String.valueOf(stream.stream().largestSeen()),
                            String.join(" ", stream.stream().groups()),
                            stream.mapping().topic(),
                            topicState(stream)));
        }
        output.table(
                List.of(
                        "STREAM",
                        "SHARDS",
                        "RETENTION",
                        "RECORDS",
                        "LARGEST SEEN",
                        "GROUPS",
                        "TOPIC",
                        "WHAT HAPPENS"),
                rows);
        for (StreamPlan stream : plan.streams()) {
            if (!stream.settings().isEmpty()) {
                output.say("");
                output.say("Topic " + stream.mapping().topic() + " is made with");
                stream.settings().forEach((name, value) -> output.say("  " + name + "=" + value));
            }
        }
        output.say("");
        printRefusals(plan.refusals());
        if (plan.refusals().isEmpty()) {
            output.say("Nothing stands in the way of a mirror.");
        }
    }

    void printRefusals(List<Refusal> refusals) {
        for (Refusal refusal : refusals) {
            output.say(refusal.code() + ": " + refusal.message());
        }
    }

    /** As far as the numbers of the oldest and the newest record tell. */
    private static long records(StreamPlan plan) {
        return plan.stream().shards().stream()
                .filter(shard -> shard.oldest() > 0)
                .mapToLong(shard -> shard.newest() - shard.oldest() + 1)
                .sum();
    }

    private static String topicState(StreamPlan plan) {
        int now = plan.topic().partitions();
        if (!plan.topic().exists()) {
            return "is made, " + plan.partitions() + " partitions" + byKey(plan);
        }
        String growth = now < plan.partitions() ? "grows to " + plan.partitions() + ", " : "";
        if (!plan.copied().isEmpty()) {
            return growth
                    + "goes on after "
                    + plan.copied().values().stream().mapToLong(number -> number).sum()
                    + " records"
                    + byKey(plan);
        }
        return growth + "is used as it is" + byKey(plan);
    }

    private static String byKey(StreamPlan plan) {
        return plan.mapping().isByKey() ? ", by key" : "";
    }

    private static Map<String, Object> json(StreamPlan plan) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("stream", plan.mapping().stream());
        json.put("topic", plan.mapping().topic());
        json.put("retentionHours", plan.stream().retentionHours());
        json.put("groups", plan.stream().groups());
        json.put("largestSeen", plan.stream().largestSeen());
        json.put("topicExists", plan.topic().exists());
        json.put("partitions", plan.partitions());
        json.put("partitionBy", plan.mapping().isByKey() ? "key" : "shard");
        json.put("settings", plan.settings());
        List<Map<String, Object>> shards = new ArrayList<>();
        for (ShardFacts shard : plan.stream().shards()) {
            Map<String, Object> facts = new LinkedHashMap<>();
            facts.put("shard", shard.shard());
            facts.put("oldest", shard.oldest());
            facts.put("newest", shard.newest());
            facts.put("copied", plan.copied().getOrDefault(shard.shard(), 0L));
            shards.add(facts);
        }
        json.put("shards", shards);
        return json;
    }
}
