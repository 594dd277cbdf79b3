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
import io.v3io.flink.kafka.translate.GroupTranslation;
import io.v3io.flink.kafka.translate.ShardTranslation;
import io.v3io.flink.kafka.translate.Translator;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Moves the positions of consumer groups. */
@Command(
        name = "translate",
        description = {
            "Finds for what each consumer group of the configuration has committed on V3IO the offset of the next"
                    + " record in Kafka. Only shows it, unless --commit is given.",
            "Stop the consumers of the group on V3IO first: what they process afterwards would be processed again."
                    + " Members of v3io-go and Nuclio that still live are noticed by their heartbeats, for which it"
                    + " watches for up to 10 seconds; a Flink job is not. On Kafka it must have no members yet: Kafka takes no offsets for a group that has some.",
            "Ends with 3 if something stands in the way; nothing is committed then for that group."
        })
final class TranslateCommand extends CommandBase {

    @Option(names = "--commit", description = "Commit the offsets to the groups on Kafka.")
    private boolean commit;

    @Option(
            names = "--to-end",
            description =
                    "Translate the end of the streams instead of what the groups have committed: for consumers that"
                            + " have read V3IO to its end by themselves. Everything must be copied.")
    private boolean toEnd;

    @Option(
            names = "--force",
            description =
                    "Commit also backwards, while members of the group live on V3IO, and where keys decide on"
                            + " partitions also if records come again, or if Kafka's retention has removed some"
                            + " that the group has not processed.")
    private boolean force;

    @Override
    int run(MigrationConfig settings, Output output) throws InterruptedException {
        List<GroupTranslation> groups = new Translator(settings).translate(toEnd, commit, force);
        output.json(Map.of("groups", groups));
        List<List<String>> rows = new ArrayList<>();
        for (GroupTranslation group : groups) {
            for (ShardTranslation shard : group.shards()) {
                rows.add(
                        List.of(
                                group.group(),
                                String.valueOf(shard.shard()),
                                shard.committed() == 0 ? "-" : String.valueOf(shard.committed()),
                                group.kafkaGroup(),
                                group.topic(),
                                String.valueOf(shard.offset()),
                                shard.now() == null ? "-" : String.valueOf(shard.now()),
                                shard.note() == null ? "" : shard.note()));
            }
        }
        output.table(
                List.of(
                        "GROUP",
                        "SHARD",
                        "PROCESSED",
                        "ON KAFKA",
                        "TOPIC",
                        "OFFSET",
                        "NOW",
                        "NOTE"),
                rows);
        if (groups.isEmpty()) {
            output.say("The configuration names no groups: see 'groups' of a stream.");
        }
        boolean refused = false;
        for (GroupTranslation group : groups) {
            group.notes().forEach(output::say);
            group.errors().forEach(output::say);
            if (!force) {
                group.refusals().forEach(reason -> output.say(reason + " --force does it."));
            }
            refused |= !group.errors().isEmpty() || (!force && !group.refusals().isEmpty());
            output.say(
                    "Group "
                            + group.group()
                            + ": "
                            + (group.committed()
                                    ? "committed to group " + group.kafkaGroup() + " on Kafka."
                                    : "nothing is committed" + (commit ? "." : "; add --commit.")));
        }
        return refused ? ExitCode.REFUSED : ExitCode.OK;
    }
}
