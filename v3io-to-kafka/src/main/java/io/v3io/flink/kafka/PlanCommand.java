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

package io.v3io.flink.kafka;

import io.v3io.flink.kafka.config.MigrationConfig;
import io.v3io.flink.kafka.plan.Plan;
import io.v3io.flink.kafka.plan.Planner;

import picocli.CommandLine.Command;

import java.time.InstantSource;

/** Looks at both sides and says what a mirror would do. */
@Command(
        name = "plan",
        description = {
            "Reads both sides and prints the topics that a mirror would make or use, their partitions and"
                    + " settings, and what does not fit. Writes nothing.",
            "Ends with 0 if a mirror can start, with 3 if it would be refused."
        })
final class PlanCommand extends CommandBase {

    @Override
    int run(MigrationConfig settings, Output output) throws InterruptedException {
        Plan plan = new Planner(settings, InstantSource.system()).plan();
        new PlanReport(output).print(plan);
        return plan.refusals().isEmpty() ? ExitCode.OK : ExitCode.REFUSED;
    }
}
