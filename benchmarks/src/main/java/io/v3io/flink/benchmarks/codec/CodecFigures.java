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
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.Turns;

import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

import java.util.List;

/** Each turn is a process of JMH's. */
public final class CodecFigures {

    private static final int ROUNDS = 3;
    private static final int ITERATIONS = 3;
    private static final TimeValue ITERATION = TimeValue.milliseconds(600);

    private CodecFigures() {}

    public static List<Figure> all() {
        return List.of(
                figure("decode.1k.vs.jackson", "decode", 1_024, 2.5),
                figure("decode.100b.vs.jackson", "decode", 100, 1.6),
                figure("encode.1k.vs.jackson", "encode", 1_024, 1.5),
                figure("encode.100b.vs.jackson", "encode", 100, 1.3));
    }

    private static Figure figure(String name, String method, int bytes, double atLeast) {
        return new Figure(
                name,
                (method.equals("decode")
                                ? "GetRecords bytes to records, ours / Jackson's parser with"
                                        + " getBinaryValue, one thread, JMH"
                                : "records to PutRecords bytes, ours / Jackson's generator, one"
                                        + " thread, JMH")
                        + ", records of "
                        + bytes
                        + " bytes",
                Aim.atLeast(atLeast),
                run -> measure(run, method, bytes));
    }

    private static Reading measure(Run run, String method, int bytes) throws Exception {
        // JMH warms up by itself, in each process; so no round is left out.
        Turns turns =
                Turns.measureAll(
                        ROUNDS,
                        () -> recordsPerSecond(method, bytes),
                        () -> recordsPerSecond(method + "WithJackson", bytes));
        run.tell(method + " of " + bytes + " bytes, records/s", turns.ours());
        run.tell("Jackson's, records/s", turns.others());
        return Reading.of(turns.ratio());
    }

    private static double recordsPerSecond(String method, int bytes) throws RunnerException {
        return new Runner(
                        new OptionsBuilder()
                                .include(CodecBenchmark.class.getName() + "\\." + method + "$")
                                .param("bytes", Integer.toString(bytes))
                                .forks(1)
                                .threads(1)
                                .warmupIterations(ITERATIONS)
                                .warmupTime(ITERATION)
                                .measurementIterations(ITERATIONS)
                                .measurementTime(ITERATION)
                                .verbosity(VerboseMode.SILENT)
                                .build())
                .runSingle()
                .getPrimaryResult()
                .getScore();
    }
}
