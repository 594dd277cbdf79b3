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

package io.v3io.flink.benchmarks;

import io.v3io.flink.benchmarks.client.ClientFigures;
import io.v3io.flink.benchmarks.codec.CodecFigures;
import io.v3io.flink.benchmarks.enumerator.EnumeratorFigures;
import io.v3io.flink.benchmarks.growth.GrowthFigures;
import io.v3io.flink.benchmarks.kafka.KafkaFigures;
import io.v3io.flink.benchmarks.kafka.KafkaSinkFigures;
import io.v3io.flink.benchmarks.kafka.MirrorFigures;
import io.v3io.flink.benchmarks.peers.PeerFigures;
import io.v3io.flink.benchmarks.scale.ScaleFigures;
import io.v3io.flink.benchmarks.sink.ExactlyOnceFigures;
import io.v3io.flink.benchmarks.sink.SinkFigures;
import io.v3io.flink.benchmarks.source.SourceFigures;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Measures the figures that are named, or all, and prints them: {@code [--profile] [name...]}. A
 * name may be the beginning of several, such as {@code sink.}
 */
public final class Bench {

    /** The folder that gets the pictures. */
    private static final String DOCS = "bench.docs";

    private final PrintStream out;

    private Bench(PrintStream out) {
        this.out = out;
    }

    public static void main(String[] args) throws Exception {
        List<String> names = new ArrayList<>(List.of(args));
        boolean profiling = names.remove("--profile");
        List<Figure> figures = new ArrayList<>();
        figures.addAll(CodecFigures.all());
        figures.addAll(ClientFigures.all());
        figures.addAll(PeerFigures.all());
        figures.addAll(EnumeratorFigures.all());
        figures.addAll(ScaleFigures.all());
        figures.addAll(SourceFigures.all());
        figures.addAll(SinkFigures.all());
        figures.addAll(ExactlyOnceFigures.all());
        figures.addAll(KafkaFigures.all());
        figures.addAll(KafkaSinkFigures.all());
        figures.addAll(MirrorFigures.all());
        figures.addAll(GrowthFigures.all());
        if (!names.isEmpty()) {
            figures.removeIf(figure -> names.stream().noneMatch(figure.name()::startsWith));
        }
        if (figures.isEmpty()) {
            System.err.println("No figure has a name that begins so.");
            System.exit(2);
        }
        // Not by itself: a Flink that ran here may have left a thread.
        System.exit(new Bench(System.out).measure(figures, profiling) ? 0 : 1);
    }

    /** Whether none has failed. One that fails does not keep the others from being measured. */
    private boolean measure(List<Figure> figures, boolean profiling) throws Exception {
        long start = System.nanoTime();
        Run run = new Run(out, profiling, Path.of(System.getProperty(DOCS, "docs")));
        Machine.lines().forEach(run::tell);
        Watched watched = new Watched(run);
        Table table = new Table();
        boolean isComplete = true;
        for (Figure figure : figures) {
            try {
                Watched.Result result = watched.measure(figure);
                Reading reading = result.reading();
                reading.remarks().forEach(remark -> run.tell(figure.name() + ": " + remark));
                if (reading.spread() != null) {
                    out.printf(Locale.ROOT, "%s %.3f%n", figure.name(), reading.spread().median());
                }
                table.add(figure, result);
            } catch (Exception e) {
                e.printStackTrace();
                table.addFailed(figure, e);
                isComplete = false;
            }
        }
        out.println();
        table.lines().forEach(out::println);
        out.println();
        table.summary().forEach(run::tell);
        run.tell(
                String.format(
                        Locale.ROOT,
                        "All of it took %.0f minutes",
                        (System.nanoTime() - start) / 60e9));
        return isComplete;
    }
}
