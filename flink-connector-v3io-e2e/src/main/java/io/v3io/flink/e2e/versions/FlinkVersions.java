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

package io.v3io.flink.e2e.versions;

import io.v3io.flink.e2e.cluster.FlinkHome;
import io.v3io.flink.e2e.faults.FaultKind;
import io.v3io.flink.e2e.faults.FaultKind.Fault;
import io.v3io.flink.e2e.faults.FaultRuns;
import io.v3io.flink.e2e.faults.FaultWorld;
import io.v3io.flink.e2e.faults.Faults;

import org.apache.flink.connector.base.DeliveryGuarantee;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The command {@code bin/flink-versions}. */
public final class FlinkVersions {

    private static final Duration FAULT = Duration.ofSeconds(3);

    private FlinkVersions() {}

    /**
     * Takes a directory for data and logs, then the folders of Flink's jars. Exits with 1 if
     * anything does not work on one of them.
     */
    public static void main(String[] args) throws Exception {
        Path directory = Path.of(args[0]);
        boolean clean = true;
        for (String folder : List.of(args).subList(1, args.length)) {
            FlinkHome home = FlinkHome.of(Path.of(folder));
            Path ofVersion = directory.resolve(home.version());
            try (VersionCheck check = new VersionCheck(home, ofVersion.resolve("small"))) {
                long start = System.nanoTime();
                clean &= check.wordCount().contains("2236 words, 754 distinct");
                long counted = System.nanoTime();
                clean &= check.sql().contains("301");
                System.out.printf(
                        "flink %s: word count %d s, SQL %d s%n",
                        home.version(),
                        seconds(counted - start),
                        seconds(System.nanoTime() - counted));
            }
            System.setProperty(FlinkHome.PROPERTY, folder);
            try (FaultWorld world =
                    new FaultWorld(
                            ofVersion.resolve("faults"),
                            Path.of(System.getProperty(Faults.JOBS_JAR_PROPERTY)))) {
                FaultRuns faults = new FaultRuns(world);
                faults.run(
                        "version",
                        DeliveryGuarantee.EXACTLY_ONCE,
                        1,
                        Fault.lasting(
                                FAULT, FaultKind.KILL_TASK_MANAGER, FaultKind.KILL_JOB_MANAGER),
                        Fault.lasting(FAULT, FaultKind.KILL_EMULATOR, FaultKind.GROWTH));
                System.out.printf("flink %s: %s%n", home.version(), faults.summary());
                clean &= faults.isClean();
            }
        }
        System.exit(clean ? 0 : 1);
    }

    private static long seconds(long nanos) {
        return Duration.ofNanos(nanos).toSeconds();
    }
}
