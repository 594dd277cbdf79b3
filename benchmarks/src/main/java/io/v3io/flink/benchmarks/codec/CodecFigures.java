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

package io.v3io.flink.benchmarks.codec;

import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Machine;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.Steady;
import io.v3io.flink.benchmarks.measure.Turns;

import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.util.ArrayList;
import java.util.List;

/**
 * Each turn is a process of JMH's, which measures until its compiler has finished: until the last
 * values agree, or it has measured for long enough in vain, which the table says.
 */
public final class CodecFigures {

    private static final int ROUNDS = 3;
    private static final int ITERATIONS = 12;

    /** Twice as many again and again, up to so many. */
    private static final int MAX_ITERATIONS = 48;

    private static final TimeValue ITERATION = TimeValue.milliseconds(500);
    private static final List<String> AVX2 = List.of("-XX:UseAVX=2");

    private CodecFigures() {}

    public static List<Figure> all() {
        return List.of(
                figure("decode.1k.vs.jackson", "decode", 1_024, 2.5),
                figure("decode.100b.vs.jackson", "decode", 100, 1.6),
                figure("encode.1k.vs.jackson", "encode", 1_024, 1.5),
                figure("encode.100b.vs.jackson", "encode", 100, 1.3),
                avx2("decode.1k.avx2", "decode", 4),
                avx2("encode.1k.avx2", "encode", 3));
    }

    private static Figure figure(String name, String method, int bytes, double atLeast) {
        return new Figure(
                name,
                what(method, bytes),
                Aim.atLeast(atLeast),
                run -> measure(run, method, bytes, List.of()));
    }

    private static Figure avx2(String name, String method, double atLeast) {
        return new Figure(
                name,
                what(method, 1_024) + ", both with -XX:UseAVX=2, as on a machine without AVX-512",
                Aim.atLeast(atLeast),
                run ->
                        Machine.hasAvx2()
                                ? measure(run, method, 1_024, AVX2)
                                : Reading.impossible("the JVM has no AVX2 here"));
    }

    private static String what(String method, int bytes) {
        return (method.equals("decode")
                        ? "GetRecords bytes to records, ours / Jackson's parser with"
                                + " getBinaryValue, one thread, JMH"
                        : "records to PutRecords bytes, ours / Jackson's generator, one"
                                + " thread, JMH")
                + ", records of "
                + bytes
                + " bytes";
    }

    private static Reading measure(Run run, String method, int bytes, List<String> flags)
            throws Exception {
        List<Steady> all = new ArrayList<>();
        // Each process warms up by itself; so no round is left out.
        Turns turns =
                Turns.measureAll(
                        ROUNDS,
                        () -> recordsPerSecond(method, bytes, flags, all),
                        () -> recordsPerSecond(method + "WithJackson", bytes, flags, all));
        run.tell(method + " of " + bytes + " bytes, records/s", turns.ours());
        run.tell("Jackson's, records/s", turns.others());
        Reading reading = Reading.of(turns.ratio());
        long unsteady = all.stream().filter(one -> !one.isSteady()).count();
        return unsteady == 0
                ? reading
                : reading.with(unsteady + " of " + all.size() + " processes did not become steady");
    }

    private static double recordsPerSecond(
            String method, int bytes, List<String> flags, List<Steady> all) throws RunnerException {
        int iterations = ITERATIONS;
        Steady steady = recordsPerSecond(method, bytes, flags, iterations);
        while (!steady.isSteady() && iterations < MAX_ITERATIONS) {
            iterations *= 2;
            steady = recordsPerSecond(method, bytes, flags, iterations);
        }
        all.add(steady);
        return steady.value();
    }

    private static Steady recordsPerSecond(
            String method, int bytes, List<String> flags, int iterations) throws RunnerException {
        RunResult result =
                new Runner(
                                new OptionsBuilder()
                                        .include(
                                                CodecBenchmark.class.getName()
                                                        + "\\."
                                                        + method
                                                        + "$")
                                        .param("bytes", Integer.toString(bytes))
                                        .jvmArgsAppend(flags.toArray(String[]::new))
                                        .forks(1)
                                        .threads(1)
                                        .warmupIterations(0)
                                        .measurementIterations(iterations)
                                        .measurementTime(ITERATION)
                                        .verbosity(VerboseMode.SILENT)
                                        .build())
                        .runSingle();
        return Steady.of(
                result.getBenchmarkResults().iterator().next().getIterationResults().stream()
                        .map(iteration -> iteration.getPrimaryResult().getScore())
                        .toList());
    }
}
