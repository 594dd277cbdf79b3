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

import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;

import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;

/** Faults of the operations that a source uses, none of which may be seen in what it emits. */
final class RandomFaults {

    /** By how often a source uses them. */
    private static final List<Operation> OPERATIONS =
            List.of(
                    Operation.GET_RECORDS,
                    Operation.GET_RECORDS,
                    Operation.GET_RECORDS,
                    Operation.SEEK,
                    Operation.SEEK,
                    Operation.LIST,
                    Operation.DESCRIBE_STREAM,
                    Operation.PUT_ITEM);

    private static final double HIGHEST_PROBABILITY = 0.25;
    private static final int LONGEST_LATENCY_MILLIS = 10;

    private RandomFaults() {}

    static Fault next(RandomGenerator random) {
        Operation operation = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
        Fault fault = Fault.on(operation).probability(random.nextDouble(HIGHEST_PROBABILITY));
        boolean hasLocations = operation == Operation.GET_RECORDS || operation == Operation.SEEK;
        return switch (random.nextInt(hasLocations ? 9 : 7)) {
            case 0 -> fault.respond(503, "text/html", "<html>busy</html>");
            case 1 -> fault.respond(429, "application/json", "{}");
            case 2 -> fault.throttle(0);
            case 3 -> fault.resetBefore();
            case 4 -> fault.resetAfter();
            case 5 -> fault.cutBody();
            case 6 -> fault.latency(Duration.ofMillis(1 + random.nextInt(LONGEST_LATENCY_MILLIS)));
            default -> fault.killLocation();
        };
    }
}
