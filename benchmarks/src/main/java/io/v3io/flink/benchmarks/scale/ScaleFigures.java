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

package io.v3io.flink.benchmarks.scale;

import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.JavaProcess;
import io.v3io.flink.benchmarks.measure.Spread;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Very many shards or subtasks in one process. */
public final class ScaleFigures {

    private static final int ROUNDS = 3;
    private static final int RECORD_BYTES = 1_024;
    private static final int RECORDS_PER_ANSWER = 200;

    /** Each shard has answered about so often. */
    private static final int ANSWERS = 4;

    private static final String HEAP = "-Xmx1g";

    /** The buffers of all subtasks of a process together. */
    private static final int BUFFER_MEGABYTES = 128;

    private static final int IDLE_SHARDS = 64;
    private static final List<Integer> IDLE_SUBTASKS = List.of(4, 16, 64, 256, 1_000);
    private static final Duration SETTLING = Duration.ofSeconds(4);
    private static final Duration ROUND = Duration.ofSeconds(5);

    private ScaleFigures() {}

    public static List<Figure> all() {
        return List.of(
                memory("scale.shards.mb", 2, 4_096),
                memory("scale.subtasks.mb", 64, 64),
                new Figure(
                        "scale.idle.requests",
                        "requests/s for each shard of an idle job of 64 shards, the most of 4, 16, 64,"
                                + " 256 and 1,000 subtasks",
                        // One request of each shard in its longest pause, and looks for new shards.
                        Aim.atMost(4.2),
                        ScaleFigures::idle));
    }

    private static Figure memory(String name, int subtasks, int shards) {
        return new Figure(
                name,
                String.format(
                        Locale.ROOT,
                        "MB of live objects on the heap of a Flink process in which %d subtasks read"
                                + " %,d shards, 1 KiB records, buffers of %d MB each",
                        subtasks,
                        shards,
                        BUFFER_MEGABYTES / subtasks),
                Aim.none(),
                run -> memory(run, subtasks, shards));
    }

    private static Reading memory(Run run, int subtasks, int shards) throws Exception {
        List<Double> live = new ArrayList<>();
        List<Double> peak = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            Memory memory = memory(subtasks, shards, HEAP);
            live.add(memory.live());
            peak.add(memory.peak());
        }
        run.tell("the whole process at its peak, MB, with " + HEAP, Spread.of(peak));
        return Reading.of(Spread.of(live));
    }

    /** In megabytes. */
    record Memory(double live, double peak) {}

    static Memory memory(int subtasks, int shards, String heap) throws Exception {
        List<String> flags = new ArrayList<>(List.of(heap, "-XX:+ExitOnOutOfMemoryError"));
        for (String flag : ManagementFactory.getRuntimeMXBean().getInputArguments()) {
            if (flag.startsWith("--add-")) {
                flags.add(flag);
            }
        }
        ServerSettings settings =
                ServerSettings.standard()
                        .withShards(shards)
                        .withRecords(RECORD_BYTES, RECORDS_PER_ANSWER);
        try (ServerProcess server = ServerProcess.start(settings);
                JavaProcess job =
                        JavaProcess.start(
                                flags,
                                WideJobProcess.class,
                                List.of(
                                        server.endpoint(),
                                        String.valueOf(subtasks),
                                        String.valueOf(
                                                (long) ANSWERS * RECORDS_PER_ANSWER * shards),
                                        BUFFER_MEGABYTES / subtasks + " mb"))) {
            String[] memory = job.awaitLine(WideJobProcess.MEMORY).split(" ", -1);
            job.awaitSuccess();
            return new Memory(Double.parseDouble(memory[0]), Double.parseDouble(memory[1]));
        }
    }

    private static Reading idle(Run run) throws Exception {
        IdleJob job = new IdleJob(IDLE_SHARDS, SETTLING, ROUND);
        List<Double> perShard = new ArrayList<>();
        for (int subtasks : IDLE_SUBTASKS) {
            double requests = job.requestsPerSecond(subtasks);
            run.tell(
                    String.format(
                            Locale.ROOT,
                            "idle, %d shards, %d subtasks: %.0f requests/s",
                            IDLE_SHARDS,
                            subtasks,
                            requests));
            perShard.add(requests / IDLE_SHARDS);
        }
        Spread all = Spread.of(perShard);
        return Reading.of(new Spread(all.highest(), all.lowest(), all.highest()));
    }
}
