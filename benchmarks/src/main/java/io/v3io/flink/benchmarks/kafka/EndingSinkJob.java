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

package io.v3io.flink.benchmarks.kafka;

import io.v3io.flink.benchmarks.measure.ProcessCpu;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A Flink job in this process that writes so many numbers to a sink and ends when all are stored.
 * Its CPU time is counted from some number on, which may be the first.
 */
final class EndingSinkJob {

    /** CPU time of the process when the record came from which on is counted. */
    private static final AtomicLong CPU_AT_MARK = new AtomicLong();

    private EndingSinkJob() {}

    /** CPU nanoseconds for each number from {@code skipped} on. */
    static double cpuNanosPerRecord(Sink<Long> sink, long skipped, long records) throws Exception {
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createLocalEnvironment(1, new Configuration());
        env.getConfig().enableObjectReuse();
        env.fromSource(
                        new NumberSequenceSource(0, records - 1),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .map(
                        number -> {
                            if (number == skipped) {
                                CPU_AT_MARK.set(ProcessCpu.nanos());
                            }
                            return number;
                        })
                .returns(Long.class)
                .sinkTo(sink);
        var unused = env.execute();
        return (double) (ProcessCpu.nanos() - CPU_AT_MARK.get()) / (records - skipped);
    }
}
