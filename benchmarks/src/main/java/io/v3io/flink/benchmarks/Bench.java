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
import io.v3io.flink.benchmarks.kafka.MirrorFigures;
import io.v3io.flink.benchmarks.sink.ExactlyOnceFigures;
import io.v3io.flink.benchmarks.sink.SinkFigures;
import io.v3io.flink.benchmarks.source.SourceFigures;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

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
        figures.addAll(EnumeratorFigures.all());
        figures.addAll(SourceFigures.all());
        figures.addAll(SinkFigures.all());
        figures.addAll(ExactlyOnceFigures.all());
        figures.addAll(KafkaFigures.all());
        figures.addAll(MirrorFigures.all());
        figures.addAll(GrowthFigures.all());
        if (!names.isEmpty()) {
            figures.removeIf(figure -> names.stream().noneMatch(figure.name()::startsWith));
        }
        if (figures.isEmpty()) {
            System.err.println("No figure has a name that begins so.");
            System.exit(2);
        }
        int status = 0;
        try {
            new Bench(System.out).measure(figures, profiling);
        } catch (Exception e) {
            e.printStackTrace();
            status = 1;
        }
        // Not by itself: a Flink that ran here may have left a thread.
        System.exit(status);
    }

    private void measure(List<Figure> figures, boolean profiling) throws Exception {
        Run run = new Run(out, profiling, Path.of(System.getProperty(DOCS, "docs")));
        Machine.lines().forEach(run::tell);
        List<String> table = new ArrayList<>();
        table.add("| figure | what | at least | value | spread | reached |");
        table.add("| --- | --- | --- | --- | --- | --- |");
        try {
            for (Figure figure : figures) {
                long start = System.nanoTime();
                Reading reading = figure.measurement().measure(run);
                long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
                run.tell(figure.name() + " took " + seconds + " s");
                out.printf(Locale.ROOT, "%s %.3f%n", figure.name(), reading.spread().median());
                table.add(row(figure, reading));
            }
        } finally {
            // Also of those before one that fails.
            out.println();
            table.forEach(out::println);
        }
    }

    private static String row(Figure figure, Reading reading) {
        Figure.Aim aim = figure.aim();
        String wanted =
                switch (aim.kind()) {
                    case AT_LEAST -> number(aim.value());
                    case AT_MOST -> "at most " + number(aim.value());
                    case NONE -> "report";
                };
        String reached =
                aim.kind() == Figure.Aim.Kind.NONE
                        ? "-"
                        : aim.isReachedBy(reading.spread().median()) ? "yes" : "no";
        return String.format(
                Locale.ROOT,
                "| `%s` | %s | %s | %s | %s to %s | %s |",
                figure.name(),
                figure.what(),
                wanted,
                number(reading.spread().median()),
                number(reading.spread().lowest()),
                number(reading.spread().highest()),
                reached);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value >= 20 ? "%.0f" : "%.2f", value);
    }
}
