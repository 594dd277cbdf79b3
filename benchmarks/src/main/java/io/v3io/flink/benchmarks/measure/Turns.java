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

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Measures two things in turns, so that what the machine does beside it troubles both alike. Rounds
 * in which the JVM still warms up are not counted.
 */
public final class Turns {

    /** A round like the one before is the first one that counts. */
    private static final double TOLERANCE = 0.05;

    /** So many rounds are not counted at the most. */
    static final int MAX_WARM_UP_ROUNDS = 4;

    private final List<Double> ours = new ArrayList<>();
    private final List<Double> others = new ArrayList<>();

    private Turns() {}

    /**
     * So many counted rounds of A B, after those in which A has not become steady: one at least,
     * and four at most.
     */
    public static Turns measure(int rounds, Callable<Double> our, Callable<Double> other)
            throws Exception {
        double before = our.call();
        other.call();
        for (int warmUp = 1; ; warmUp++) {
            double now = our.call();
            double others = other.call();
            if (warmUp == MAX_WARM_UP_ROUNDS || isLike(before, now)) {
                Turns turns = measureAll(rounds - 1, our, other);
                turns.ours.add(0, now);
                turns.others.add(0, others);
                return turns;
            }
            before = now;
        }
    }

    private static boolean isLike(double before, double now) {
        return Math.abs(now - before) <= TOLERANCE * Math.max(now, before);
    }

    /** The same of two things that warm up by themselves: the first round counts, too. */
    public static Turns measureAll(int rounds, Callable<Double> our, Callable<Double> other)
            throws Exception {
        Turns turns = new Turns();
        for (int round = 0; round < rounds; round++) {
            turns.ours.add(our.call());
            turns.others.add(other.call());
        }
        return turns;
    }

    public Spread ours() {
        return Spread.of(ours);
    }

    public Spread others() {
        return Spread.of(others);
    }

    /** Ours divided by the other, round by round. */
    public Spread ratio() {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(ours.get(i) / others.get(i));
        }
        return Spread.of(ratios);
    }
}
