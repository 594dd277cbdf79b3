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

package io.v3io.flink.benchmarks.client;

import io.v3io.client.model.Location;
import io.v3io.client.model.StreamPath;
import io.v3io.client.wire.ApiRequest;
import io.v3io.client.wire.ApiRequests;
import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.http.RawHttp;
import io.v3io.flink.benchmarks.measure.Allocation;
import io.v3io.flink.benchmarks.measure.CpuProfile;
import io.v3io.flink.benchmarks.measure.Pause;
import io.v3io.flink.benchmarks.measure.ProcessCpu;
import io.v3io.flink.benchmarks.measure.Spread;
import io.v3io.flink.benchmarks.measure.Turns;
import io.v3io.flink.benchmarks.server.GetRecordsAnswer;
import io.v3io.flink.benchmarks.server.ServerProcess;
import io.v3io.flink.benchmarks.server.ServerSettings;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** What the client costs beside the bare library, and that the server is not what is measured. */
public final class ClientFigures {

    private static final int ROUNDS = 5;
    private static final int CONCURRENCY = 16;

    /** Threads that do nothing but read. */
    private static final int DRAINS = 2;

    private static final int RECORDS = 1_000;
    private static final int RECORD_BYTES = 1_024;
    private static final Duration WARM_UP = Duration.ofSeconds(1);
    private static final Duration ROUND = Duration.ofMillis(1_500);

    private ClientFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "server.headroom",
                        "bytes/s of the canned server into a socket that only drains / into our"
                                + " client",
                        Aim.atLeast(1.5),
                        ClientFigures::headroom),
                new Figure(
                        "client.drain",
                        "client getRecords to records, bytes per CPU second / (raw asynchronous"
                                + " drain + bare base64 of the same bytes)",
                        Aim.atLeast(0.80),
                        ClientFigures::drain),
                new Figure(
                        "physical.limit",
                        "CPU time for a byte of JSON: blocking drain of sockets into one array + bare"
                                + " base64 / the whole client",
                        Aim.atLeast(0.70),
                        ClientFigures::physicalLimit),
                new Figure(
                        "alloc.bytes.per.record",
                        "heap allocated by the whole client per received 1 KiB record, beyond its"
                                + " payload",
                        Aim.atMost(200),
                        ClientFigures::allocation));
    }

    private static Reading headroom(Run run) throws Exception {
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> {
                                try (SocketDrain drain = new SocketDrain(server.port(), DRAINS)) {
                                    return perSecond(drain::bytes);
                                }
                            },
                            () -> {
                                try (ClientLoop loop = loop(server)) {
                                    return perSecond(loop::bodyBytes);
                                }
                            });
            run.tell("drained by sockets, bytes/s", turns.ours());
            run.tell("read by our client, bytes/s", turns.others());
            return Reading.of(turns.ratio());
        }
    }

    private static Reading drain(Run run) throws Exception {
        Consumer<String> profiles = run.profiles("client, getRecords");
        byte[] body = GetRecordsAnswer.firstBody(RECORDS, RECORD_BYTES);
        BareBase64 base64 = new BareBase64(body);
        List<Double> drains = new ArrayList<>();
        List<Double> decodings = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> {
                                try (ClientLoop loop = loop(server)) {
                                    return 1e9 / cpuNanosPerByte(loop::bodyBytes, profiles);
                                }
                            },
                            () -> {
                                double drained;
                                try (RawHttp http = rawReads(server)) {
                                    drained = cpuNanosPerByte(http::bytes, null);
                                }
                                double decoded = base64.cpuNanosPerByte();
                                drains.add(1e9 / drained);
                                decodings.add(1e9 / decoded);
                                return 1e9 / (drained + decoded);
                            });
            run.tell("client, bytes per CPU second", turns.ours());
            run.tell("raw drain and bare base64, bytes per CPU second", turns.others());
            run.tell("raw drain alone, bytes per CPU second", Spread.of(drains));
            run.tell("bare base64 alone, bytes per CPU second", Spread.of(decodings));
            return Reading.of(turns.ratio());
        }
    }

    private static Reading physicalLimit(Run run) throws Exception {
        BareBase64 base64 = new BareBase64(GetRecordsAnswer.firstBody(RECORDS, RECORD_BYTES));
        List<Double> drains = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            Turns turns =
                    Turns.measure(
                            ROUNDS,
                            () -> {
                                double drained;
                                try (SocketDrain drain =
                                        SocketDrain.intoArrays(server.port(), DRAINS)) {
                                    drained = cpuNanosPerByte(drain::bytes, null);
                                }
                                drains.add(drained);
                                return drained + base64.cpuNanosPerByte();
                            },
                            () -> {
                                try (ClientLoop loop = loop(server)) {
                                    return cpuNanosPerByte(loop::bodyBytes, null);
                                }
                            });
            run.tell("blocking drain and bare base64, CPU ms/GB", turns.ours().times(1_000));
            run.tell("blocking drain alone, CPU ms/GB", Spread.of(drains).times(1_000));
            run.tell("client, CPU ms/GB", turns.others().times(1_000));
            return Reading.of(turns.ratio());
        }
    }

    private static Reading allocation(Run run) throws Exception {
        List<Double> values = new ArrayList<>();
        try (ServerProcess server = ServerProcess.start(ServerSettings.standard())) {
            for (int round = 0; round < ROUNDS; round++) {
                try (ClientLoop loop = loop(server)) {
                    Pause.of(WARM_UP);
                    long recordsBefore = loop.records();
                    long before = Allocation.bytes();
                    Pause.of(ROUND);
                    long allocated = Allocation.bytes() - before;
                    values.add(
                            (double) allocated / (loop.records() - recordsBefore) - RECORD_BYTES);
                }
            }
        }
        return Reading.of(Spread.of(values));
    }

    private static ClientLoop loop(ServerProcess server) {
        return new ClientLoop(server.endpoint(), CONCURRENCY, CONCURRENCY);
    }

    private static RawHttp rawReads(ServerProcess server) {
        ApiRequest request =
                ApiRequests.getRecords(
                        StreamPath.parse("bench/source").shard(0),
                        new Location("0000000000000000"),
                        RECORDS);
        return new RawHttp(
                server.port(),
                "GetRecords",
                request.target(),
                request.body().toBytes(),
                CONCURRENCY);
    }

    private static double perSecond(LongSupplier counter) throws InterruptedException {
        Pause.of(WARM_UP);
        long before = counter.getAsLong();
        long start = System.nanoTime();
        Pause.of(ROUND);
        return (counter.getAsLong() - before) * 1e9 / (System.nanoTime() - start);
    }

    private static double cpuNanosPerByte(LongSupplier counter, Consumer<String> profiles)
            throws Exception {
        Pause.of(WARM_UP);
        CpuProfile profile = profiles == null ? null : CpuProfile.start();
        long before = counter.getAsLong();
        long cpu = ProcessCpu.nanos();
        Pause.of(ROUND);
        double nanos = (double) (ProcessCpu.nanos() - cpu) / (counter.getAsLong() - before);
        if (profile != null) {
            profiles.accept(profile.stop());
        }
        return nanos;
    }
}
