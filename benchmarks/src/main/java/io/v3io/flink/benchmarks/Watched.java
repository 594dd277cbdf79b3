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

import io.v3io.flink.benchmarks.measure.OtherLoad;
import io.v3io.flink.benchmarks.measure.Pause;

import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * Measures a figure, and the load that others put on the machine before and meanwhile. A figure
 * that was disturbed is measured once more; the less disturbed reading counts, and says so if it
 * was disturbed, too.
 */
final class Watched {

    /** Others may take so much of the machine. */
    static final double MAX_LOAD = 0.05;

    private static final Duration LOOK = Duration.ofMillis(500);

    private final Run run;
    private final Load load;

    /** What others have taken since the last call, 0 to 1; empty if nobody knows. */
    @FunctionalInterface
    interface Load {
        OptionalDouble next() throws IOException;
    }

    Watched(Run run) throws IOException {
        this(run, OtherLoad.start()::next);
    }

    Watched(Run run, Load load) {
        this.run = run;
        this.load = load;
    }

    /** The reading, and what others took of the machine meanwhile. */
    record Result(Reading reading, OptionalDouble load) {

        boolean isDisturbed() {
            return load.orElse(0) > MAX_LOAD;
        }

        String loadText() {
            String text =
                    load.isPresent()
                            ? String.format(Locale.ROOT, "%.0f %%", 100 * load.getAsDouble())
                            : "unknown";
            return isDisturbed() ? "disturbed: " + text : text;
        }
    }

    Result measure(Figure figure) throws Exception {
        Result first = measureOnce(figure);
        if (!first.isDisturbed() || first.reading.spread() == null) {
            return first;
        }
        run.tell(figure.name() + " was disturbed and is measured once more");
        Result second = measureOnce(figure);
        return second.load.orElse(0) <= first.load.orElse(0) ? second : first;
    }

    private Result measureOnce(Figure figure) throws Exception {
        OptionalDouble unused = load.next();
        Pause.of(LOOK);
        OptionalDouble before = load.next();
        long start = System.nanoTime();
        Reading reading = figure.measurement().measure(run);
        Result result = new Result(reading, load.next());
        run.tell(
                String.format(
                        Locale.ROOT,
                        "%s took %.0f s; others had %s of the machine before, %s meanwhile",
                        figure.name(),
                        (System.nanoTime() - start) / 1e9,
                        new Result(reading, before).loadText(),
                        result.loadText()));
        return result;
    }
}
