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

import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.status.ShardStatus;
import io.v3io.flink.kafka.status.StatusSurvey;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;

/** Says how far a mirror is. */
@Command(
        name = "status",
        description = {
            "Prints for each shard its newest record, the last one that is copied, the lag, how far verify has come,"
                    + " and what the consumer groups of the configuration have committed.",
            "Ends with 0, or with 3 if a topic is not this mirror's copy of its stream; with --caught-up with 5 if"
                    + " there is a lag, or the stream was created again."
        })
final class StatusCommand extends CommandBase {

    @Option(names = "--caught-up", description = "End with 5 unless everything is copied.")
    private boolean caughtUp;

    @Override
    int run(MigrationConfig settings, Output output) throws InterruptedException {
        List<ShardStatus> shards;
        try (StatusSurvey survey = new StatusSurvey(settings)) {
            shards = survey.look(true);
        }
        long lag = shards.stream().mapToLong(ShardStatus::lag).sum();
        output.json(
                Map.of("lag", lag, "shards", shards.stream().map(StatusCommand::json).toList()));
        List<List<String>> rows = new ArrayList<>();
        for (ShardStatus shard : shards) {
            rows.add(
                    List.of(
                            shard.stream(),
                            String.valueOf(shard.shard()),
                            String.valueOf(shard.newest()),
                            String.valueOf(shard.copied()),
                            String.valueOf(shard.lag()),
                            String.valueOf(shard.verified()),
                            groups(shard)));
        }
        output.table(
                List.of("STREAM", "SHARD", "NEWEST", "COPIED", "LAG", "VERIFIED", "GROUPS"), rows);
        List<String> createdAgain =
                shards.stream().map(ShardStatus::createdAgain).filter(Objects::nonNull).toList();
        if (!createdAgain.isEmpty()) {
            createdAgain.forEach(output::say);
            return caughtUp ? ExitCode.INCOMPLETE : ExitCode.OK;
        }
        output.say(lag == 0 ? "Everything is copied." : lag + " records are not copied yet.");
        return caughtUp && lag > 0 ? ExitCode.INCOMPLETE : ExitCode.OK;
    }

    private static String groups(ShardStatus shard) {
        List<String> groups = new ArrayList<>();
        shard.groups()
                .forEach((group, committed) -> groups.add(group + " " + behind(shard, committed)));
        return String.join(", ", groups);
    }

    private static String behind(ShardStatus shard, OptionalLong committed) {
        if (committed.isEmpty()) {
            return "has committed nothing";
        }
        long behind = Math.max(0, shard.newest() - committed.getAsLong());
        return "at " + committed.getAsLong() + (behind == 0 ? "" : " (" + behind + " behind)");
    }

    private static Map<String, Object> json(ShardStatus shard) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("stream", shard.stream());
        json.put("topic", shard.topic());
        json.put("shard", shard.shard());
        json.put("newest", shard.newest());
        json.put("copied", shard.copied());
        json.put("lag", shard.lag());
        json.put("verified", shard.verified());
        Map<String, Long> groups = new LinkedHashMap<>();
        shard.groups()
                .forEach(
                        (group, committed) ->
                                groups.put(
                                        group, committed.isEmpty() ? null : committed.getAsLong()));
        json.put("groups", groups);
        json.put("createdAgain", shard.createdAgain());
        return json;
    }
}
