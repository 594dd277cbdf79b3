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

package io.v3io.flink.sink;

import io.v3io.emulator.V3ioEmulator;

import com.sun.management.OperatingSystemMXBean;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/**
 * Measures how many records a second one writer stores with and without order, in turns, the
 * emulator being in the same process:
 *
 * <pre>{@code
 * java -cp ... io.v3io.flink.sink.OrderedThroughput 200000 1024 64 5 0
 * }</pre>
 *
 * <p>Arguments: records of a round, bytes of each, keys, rounds, milliseconds that the emulator
 * waits before each answer. The first round of each mode warms up and is not counted.
 *
 * <p>The CPU time of a record is that of the whole process, the emulator included. On a machine
 * where others work, too, it says more than the rate, which varies with what they leave over.
 */
public final class OrderedThroughput {

    private OrderedThroughput() {}

    public static void main(String[] args) throws Exception {
        int records = Integer.parseInt(args[0]);
        int bytes = Integer.parseInt(args[1]);
        int keys = Integer.parseInt(args[2]);
        int rounds = Integer.parseInt(args[3]);
        Duration latency = Duration.ofMillis(Long.parseLong(args[4]));
        List<String> elements = elements(records, bytes, keys);
        List<Measure> unordered = new ArrayList<>();
        List<Measure> ordered = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            Measure without = measure(elements, latency, false);
            Measure with = measure(elements, latency, true);
            if (round > 0) {
                unordered.add(without);
                ordered.add(with);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%d records of %d bytes, %d keys, %d ms latency, %d processors%n",
                records,
                bytes,
                keys,
                latency.toMillis(),
                Runtime.getRuntime().availableProcessors());
        print("records/s", unordered, ordered, Measure::recordsPerSecond);
        print("ns of CPU a record", unordered, ordered, Measure::cpuNanosPerRecord);
    }

    private static void print(
            String what,
            List<Measure> unordered,
            List<Measure> ordered,
            ToDoubleFunction<Measure> value) {
        double without = median(unordered, value);
        double with = median(ordered, value);
        System.out.printf(
                Locale.ROOT,
                "%s: unordered %s, ordered %s, ordered / unordered %.2f%n",
                what,
                spread(unordered, value),
                spread(ordered, value),
                with / without);
    }

    private static List<String> elements(int records, int bytes, int keys) {
        List<String> distinct = new ArrayList<>();
        for (int key = 0; key < keys; key++) {
            distinct.add(key + ":" + "x".repeat(bytes));
        }
        List<String> elements = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            elements.add(distinct.get(i % keys));
        }
        return elements;
    }

    private static Measure measure(List<String> elements, Duration latency, boolean ordered)
            throws Exception {
        V3ioEmulator emulator =
                V3ioEmulator.builder().accessKey(EmulatedSink.KEY).latency(latency).start();
        try (EmulatedSink sink = new EmulatedSink(emulator, 0)) {
            sink.createStream(EmulatedSink.STREAM, 8);
            sink.open(
                    b ->
                            b.setOrdered(ordered)
                                    .setPartitionKey(e -> e.substring(0, e.indexOf(':'))));
            OperatingSystemMXBean system =
                    (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long cpu = system.getProcessCpuTime();
            long start = System.nanoTime();
            sink.write(elements);
            sink.flush();
            return new Measure(
                    elements.size() * 1e9 / (System.nanoTime() - start),
                    (double) (system.getProcessCpuTime() - cpu) / elements.size());
        }
    }

    private static double median(List<Measure> measures, ToDoubleFunction<Measure> value) {
        return sorted(measures, value)[measures.size() / 2];
    }

    private static String spread(List<Measure> measures, ToDoubleFunction<Measure> value) {
        double[] sorted = sorted(measures, value);
        return String.format(
                Locale.ROOT,
                "%.0f (%.0f to %.0f)",
                median(measures, value),
                sorted[0],
                sorted[sorted.length - 1]);
    }

    private static double[] sorted(List<Measure> measures, ToDoubleFunction<Measure> value) {
        return measures.stream().mapToDouble(value).sorted().toArray();
    }

    private record Measure(double recordsPerSecond, double cpuNanosPerRecord) {}
}
