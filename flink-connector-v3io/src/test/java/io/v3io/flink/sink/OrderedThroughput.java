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

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

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
        List<Double> unordered = new ArrayList<>();
        List<Double> ordered = new ArrayList<>();
        for (int round = 0; round <= rounds; round++) {
            double without = recordsPerSecond(elements, latency, false);
            double with = recordsPerSecond(elements, latency, true);
            if (round > 0) {
                unordered.add(without);
                ordered.add(with);
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%d records of %d bytes, %d keys, %d ms: unordered %s, ordered %s records/s,"
                        + " ratio of medians %.2f%n",
                records,
                bytes,
                keys,
                latency.toMillis(),
                spread(unordered),
                spread(ordered),
                median(ordered) / median(unordered));
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

    private static double recordsPerSecond(List<String> elements, Duration latency, boolean ordered)
            throws Exception {
        V3ioEmulator emulator =
                V3ioEmulator.builder().accessKey(EmulatedSink.KEY).latency(latency).start();
        try (EmulatedSink sink = new EmulatedSink(emulator, 0)) {
            sink.createStream(EmulatedSink.STREAM, 8);
            sink.open(
                    b ->
                            b.setOrdered(ordered)
                                    .setPartitionKey(e -> e.substring(0, e.indexOf(':'))));
            long start = System.nanoTime();
            sink.write(elements);
            sink.flush();
            return elements.size() * 1e9 / (System.nanoTime() - start);
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    private static String spread(List<Double> values) {
        return String.format(
                Locale.ROOT,
                "%.0f (%.0f-%.0f)",
                median(values),
                Collections.min(values),
                Collections.max(values));
    }
}
