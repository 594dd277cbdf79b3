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

package io.v3io.flink.benchmarks.peers;

import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.client.ClientLoop;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.measure.ProcessCpu;
import io.v3io.flink.benchmarks.measure.Turns;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** The CPU time of a reading loop: one shard, one request after another, records of 1 KiB. */
public final class PeerFigures {

    private static final int ROUNDS = 3;
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final Duration ROUND = Duration.ofSeconds(2);

    private PeerFigures() {}

    /** Finds a peer, or says why there is none. */
    @FunctionalInterface
    private interface Finder {
        Peers.Loop find() throws Peers.MissingException, IOException, InterruptedException;
    }

    public static List<Figure> all() {
        return List.of(
                figure("py.records.per.cpu", "v3io-py", 4, () -> Peers.ofThisRun().python()),
                figure("go.records.per.cpu", "v3io-go", 6, () -> Peers.ofThisRun().go()));
    }

    private static Figure figure(String name, String peer, double atLeast, Finder finder) {
        return new Figure(
                name,
                "records per CPU second of a loop that reads one shard, 1 KiB records: our client / "
                        + peer,
                Aim.atLeast(atLeast),
                run -> measure(run, peer, finder));
    }

    private static Reading measure(Run run, String peer, Finder finder) throws Exception {
        Peers.Loop loop;
        try {
            loop = finder.find();
        } catch (Peers.MissingException e) {
            return Reading.impossible(e.getMessage());
        }
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> ours(server),
                            () ->
                                    loop.run(server.endpoint(), (double) ROUND.toSeconds())
                                            .recordsPerCpuSecond());
            run.tell("our client, records per CPU second", turns.ours());
            run.tell(peer + ", records per CPU second", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static double ours(ServerProcess server) throws InterruptedException {
        try (ClientLoop loop = new ClientLoop(server.endpoint(), 1, 1)) {
            Pause.of(WARM_UP);
            long before = loop.records();
            long cpu = ProcessCpu.nanos();
            Pause.of(ROUND);
            return (loop.records() - before) * 1e9 / (ProcessCpu.nanos() - cpu);
        }
    }
}
