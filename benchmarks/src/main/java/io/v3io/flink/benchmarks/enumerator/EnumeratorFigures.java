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

package io.v3io.flink.benchmarks.enumerator;

import io.v3io.flink.benchmarks.Figure;
import io.v3io.flink.benchmarks.Figure.Aim;
import io.v3io.flink.benchmarks.Reading;
import io.v3io.flink.benchmarks.Run;
import io.v3io.flink.benchmarks.measure.Spread;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What the coordinator of a very large job costs. */
public final class EnumeratorFigures {

    private static final int ROUNDS = 3;

    private EnumeratorFigures() {}

    public static List<Figure> all() {
        return List.of(
                new Figure(
                        "enumerator.scale",
                        "CPU seconds of the coordinator thread, 1,024 readers and 409,600 shards of 100 streams:"
                                + " the worst of start, failure of a quarter of the readers, restore and growth",
                        Aim.atMost(2),
                        EnumeratorFigures::measure));
    }

    private static Reading measure(Run run) throws Exception {
        List<Double> worst = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            EnumeratorScale.Costs costs = new EnumeratorScale(1_024, 100, 4_096).measure();
            run.tell(
                    String.format(
                            Locale.ROOT,
                            "start %.2f s, failure %.2f s, restore %.2f s, growth %.2f s; checkpoint %.1f bytes a shard",
                            costs.start(),
                            costs.failure(),
                            costs.restore(),
                            costs.growth(),
                            costs.checkpointBytes()));
            worst.add(costs.worst());
        }
        return Reading.of(Spread.of(worst));
    }
}
