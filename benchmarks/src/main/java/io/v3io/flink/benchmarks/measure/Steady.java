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

package io.v3io.flink.benchmarks.measure;

import java.util.List;

/**
 * Whether values that were measured one after another have become steady, as those of a JVM do when
 * its compiler has finished.
 *
 * @param value the mean of the last ones
 * @param isSteady whether these differ by no more than they may
 */
public record Steady(double value, boolean isSteady) {

    /** So many of the last values are compared. */
    static final int LAST = 4;

    /** They are steady if the largest is at most so much more than the smallest. */
    private static final double TOLERANCE = 0.05;

    /** Judges at least four values. */
    public static Steady of(List<Double> values) {
        List<Double> last = values.subList(values.size() - LAST, values.size());
        double lowest = last.stream().mapToDouble(value -> value).min().orElseThrow();
        double highest = last.stream().mapToDouble(value -> value).max().orElseThrow();
        return new Steady(
                last.stream().mapToDouble(value -> value).average().orElseThrow(),
                highest <= lowest * (1 + TOLERANCE));
    }
}
