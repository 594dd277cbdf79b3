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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.kafka.config.ConfigException;
import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.stream.StreamGrowth;
import io.v3io.flink.kafka.verify.ShardResult;
import io.v3io.flink.kafka.verify.Verifier;

import org.apache.flink.util.TimeUtils;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Compares streams with topics. */
@Command(
        name = "verify",
        description = {
            "Reads both sides, of Kafka only what is committed, and compares every record: number, order, key,"
                    + " data, client info, arrival time. Goes on from where it was; may run beside a mirror.",
            "Ends with 0 if all that was compared is equal, with 4 at a difference, with 3 if a topic is not this"
                    + " mirror's copy of its stream; with --final also with 5 if not everything is copied or"
                    + " somebody still writes, and with 3 if a topic is compacted."
        })
final class VerifyCommand extends CommandBase {

    private static final Duration LONGEST_SETTLE = Duration.ofMinutes(10);

    @Option(
            names = "--final",
            description =
                    "After writers have stopped: the topics must have everything that the streams have.")
    private boolean complete;

    @Option(
            names = "--from-start",
            description = "Compare from the first record on instead of from where it was.")
    private boolean fromStart;

    @Option(
            names = "--settle",
            paramLabel = "DURATION",
            defaultValue = "60 s",
            description =
                    "With --final: how long a write whose writer never had an answer may take to land; up to 10 min,"
                            + " default ${DEFAULT-VALUE}. So long it waits before it looks whether the streams have"
                            + " grown.")
    private String settle;

    private Duration settle() {
        try {
            Duration parsed = TimeUtils.parseDuration(settle);
            if (parsed.compareTo(LONGEST_SETTLE) <= 0) {
                return parsed;
            }
        } catch (IllegalArgumentException e) {
            // Said below.
        }
        throw new ConfigException(
                "'--settle' must be a duration of up to 10 min, such as '60 s', not '"
                        + settle
                        + "'.");
    }

    @Override
    int run(MigrationConfig settings, Output output) throws InterruptedException {
        Duration length = settle();
        List<ShardResult> results = new Verifier(settings).verify(complete, fromStart);
        return judge(settings, output, complete, results, () -> StreamGrowth.pause(length));
    }

    /** Says what was found, and whether it is what it has to be by now; the exit code. */
    static int judge(
            MigrationConfig settings,
            Output output,
            boolean complete,
            List<ShardResult> results,
            Pause settle)
            throws InterruptedException {
        boolean differ = results.stream().anyMatch(ShardResult::isDifferent);
        boolean incomplete = complete && results.stream().anyMatch(result -> !result.isComplete());
        boolean grows = false;
        if (complete) {
            try (V3ioClient client = settings.v3io().client()) {
                StreamGrowth growth = new StreamGrowth(client, newest(results));
                grows = grows(growth, !differ && !incomplete, settle);
            }
        }
        print(output, results);
        for (ShardResult result : results) {
            if (result.difference() != null) {
                output.say(
                        result.difference().kind()
                                + " in shard "
                                + result.shard()
                                + " of "
                                + result.stream()
                                + ": "
                                + result.difference().message());
            } else if (result.isUncompared()) {
                output.say(
                        "Shard "
                                + result.shard()
                                + " of "
                                + result.stream()
                                + ": records up to "
                                + result.copied()
                                + " were copied, but those after "
                                + result.verified().sequenceNumber()
                                + " were not compared before retention removed them.");
            }
            if (complete && result.difference() == null && !result.isComplete()) {
                output.say(
                        "Shard "
                                + result.shard()
                                + " of "
                                + result.stream()
                                + ": records up to "
                                + result.newest()
                                + " were there, copied is up to "
                                + result.verified().sequenceNumber()
                                + ", and retention has removed what is between them.");
            }
        }
        if (grows) {
            output.say(
                    "Somebody still writes to the streams. Stop all writers, wait until 'status' shows no lag, and verify"
                            + " again.");
        }
        if (differ) {
            return ExitCode.DIFFERENT;
        }
        if (grows || incomplete) {
            return ExitCode.INCOMPLETE;
        }
        output.say(
                complete && results.stream().noneMatch(ShardResult::isUncompared)
                        ? "Both sides are equal, to the last record."
                        : "Everything that was compared is equal.");
        return ExitCode.OK;
    }

    private static boolean grows(StreamGrowth growth, boolean isAllThere, Pause settle)
            throws InterruptedException {
        if (growth.isThere()) {
            return true;
        }
        if (!isAllThere) {
            return false;
        }
        settle.pass();
        return growth.isThere();
    }

    private static Map<ShardId, Long> newest(List<ShardResult> results) {
        Map<ShardId, Long> newest = new HashMap<>();
        results.forEach(
                result ->
                        newest.put(
                                StreamPath.parse(result.stream()).shard(result.shard()),
                                result.newest()));
        return newest;
    }

    /** The time in which a write of unknown fate may land. */
    interface Pause {

        void pass() throws InterruptedException;
    }

    private static String result(ShardResult result) {
        if (result.difference() == null) {
            return "equal";
        }
        return result.isDifferent() ? "DIFFERENT" : "NOT COPIED";
    }

    private static void print(Output output, List<ShardResult> results) {
        output.json(Map.of("shards", results));
        List<List<String>> rows = new ArrayList<>();
        for (ShardResult result : results) {
            Verified verified = result.verified();
            rows.add(
                    List.of(
                            result.stream(),
                            String.valueOf(result.shard()),
                            String.valueOf(verified.records()),
                            String.valueOf(verified.sequenceNumber()),
                            verified.hash().isEmpty() ? "-" : verified.hash().substring(0, 12),
                            String.valueOf(verified.unprovable()),
                            String.valueOf(verified.lost()),
                            result(result)));
        }
        output.table(
                List.of(
                        "STREAM",
                        "SHARD",
                        "COMPARED",
                        "UP TO",
                        "HASH",
                        "ONLY IN KAFKA",
                        "IN NEITHER",
                        "RESULT"),
                rows);
        if (results.stream().anyMatch(result -> result.verified().unprovable() > 0)) {
            output.say(
                    "ONLY IN KAFKA: retention had removed these from V3IO before they were compared.");
        }
        if (results.stream().anyMatch(result -> result.verified().lost() > 0)) {
            output.say(
                    "IN NEITHER: sequence numbers that no side has. Retention removed them before they were copied, or"
                            + " the platform never gave them to a record.");
        }
    }
}
