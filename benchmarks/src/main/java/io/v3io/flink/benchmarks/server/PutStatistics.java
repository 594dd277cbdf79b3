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

package io.v3io.flink.benchmarks.server;

import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicLongArray;

/** How many PutRecords requests of each size were answered. Thread-safe. */
final class PutStatistics {

    private final AtomicLongArray requests = new AtomicLongArray(1_001);

    void answered(int records) {
        requests.getAndIncrement(records);
    }

    /** A line {@code <records> <requests>} for each size, after one with the CPU time. */
    String toText() {
        StringBuilder text = new StringBuilder();
        text.append("cpu ").append(cpuNanos()).append('\n');
        for (int records = 0; records < requests.length(); records++) {
            if (requests.get(records) > 0) {
                text.append(records).append(' ').append(requests.get(records)).append('\n');
            }
        }
        return text.toString();
    }

    private static long cpuNanos() {
        return ((com.sun.management.OperatingSystemMXBean)
                        ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
