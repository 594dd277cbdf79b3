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

package io.v3io.flink.source;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.ArrayList;
import java.util.List;

/**
 * A stream grows at every step of a short run, and right there the job, or a task of it, fails: the
 * records of the new shards are all read, once, and so are the others.
 */
@Timeout(60)
class V3ioSourceGrowthITCase {

    private static final int ADDED_SHARDS = 2;

    /** A part of the job that dies while the stream grows. */
    enum Failure {
        /** Everything; as many tasks go on. */
        JOB {
            @Override
            void happenTo(GrowthScript script, int step) throws Exception {
                script.failJob(2);
            }
        },
        /** Everything; another number of tasks goes on. */
        JOB_THAT_IS_RESCALED {
            @Override
            void happenTo(GrowthScript script, int step) throws Exception {
                script.failJob(step % 2 == 0 ? 1 : 3);
            }
        },
        /** One task dies; the others go on or are restarted with it. */
        TASK {
            @Override
            void happenTo(GrowthScript script, int step) throws Exception {
                script.failTask(step);
            }
        };

        abstract void happenTo(GrowthScript script, int step) throws Exception;
    }

    /**
     * Every step for every failure; with both starting positions in the nightly profile, else with
     * one.
     */
    static List<Arguments> failures() {
        boolean nightly = Boolean.getBoolean("v3io.test.nightly");
        List<Arguments> failures = new ArrayList<>();
        List<GrowthScript.Step> steps = GrowthScript.steps();
        for (Failure failure : Failure.values()) {
            for (boolean latest : new boolean[] {false, true}) {
                if (nightly || latest == (failure == Failure.JOB_THAT_IS_RESCALED)) {
                    for (int step = 1; step <= steps.size(); step++) {
                        String name = steps.get(step - 1).name();
                        failures.add(
                                Arguments.of(failure, latest ? "latest" : "earliest", step, name));
                    }
                }
            }
        }
        return failures;
    }

    @ParameterizedTest(name = "failure of the {0}, started at the {1}, after step {2}: {3}")
    @MethodSource("failures")
    void losesNothingAndRepeatsNothing(Failure failure, String start, int step, String name)
            throws Exception {
        StartingPosition position =
                start.equals("latest") ? StartingPosition.latest() : StartingPosition.earliest();
        try (GrowthScript script = new GrowthScript(position)) {
            script.take(step);
            script.grow(ADDED_SHARDS);
            failure.happenTo(script, step);
            script.drain();
        }
    }
}
