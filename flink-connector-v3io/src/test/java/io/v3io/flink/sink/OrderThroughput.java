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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;

import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.connector.sink2.SinkWriter;

import com.sun.management.OperatingSystemMXBean;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures how many records a second one writer stores in each order, in turns, into an emulator
 * that runs as a process of its own:
 *
 * <pre>{@code
 * java -jar v3io-emulator.jar --port 8081
 * java -cp ... io.v3io.flink.sink.OrderThroughput http://127.0.0.1:8081 200000 1024 64 5
 * }</pre>
 *
 * <p>Arguments: endpoint, records of a round, bytes of each, keys, rounds. Eight rounds of each
 * mode come before them and are not counted, because the compiler takes half of the time in these.
 * The CPU time of a record is that of the writer's process.
 */
public final class OrderThroughput {

    private static final int WARM_UP_ROUNDS = 8;

    private OrderThroughput() {}

    public static void main(String[] args) throws Exception {
        String endpoint = args[0];
        int records = Integer.parseInt(args[1]);
        int bytes = Integer.parseInt(args[2]);
        int keys = Integer.parseInt(args[3]);
        int rounds = Integer.parseInt(args[4]);
        List<String> elements = elements(records, bytes, keys);
        Map<OrderGuarantee, List<Measure>> measures = new EnumMap<>(OrderGuarantee.class);
        for (int round = 1 - WARM_UP_ROUNDS; round <= rounds; round++) {
            for (OrderGuarantee order : OrderGuarantee.values()) {
                Measure measure = measure(elements, endpoint, order);
                if (round > 0) {
                    measures.computeIfAbsent(order, o -> new ArrayList<>()).add(measure);
                }
            }
        }
        System.out.printf(
                Locale.ROOT,
                "%d records of %d bytes, %d keys, %d processors%n",
                records,
                bytes,
                keys,
                Runtime.getRuntime().availableProcessors());
        print("records/s", measures, Measure::recordsPerSecond);
        print("ns of CPU a record", measures, Measure::cpuNanosPerRecord);
    }

    private static void print(
            String what,
            Map<OrderGuarantee, List<Measure>> measures,
            ToDoubleFunction<Measure> value) {
        double without = median(measures.get(OrderGuarantee.NONE), value);
        measures.forEach(
                (order, rounds) ->
                        System.out.printf(
                                Locale.ROOT,
                                "%s, order %s: %s, of none %.2f%n",
                                what,
                                order,
                                spread(rounds, value),
                                median(rounds, value) / without));
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

    private static Measure measure(List<String> elements, String endpoint, OrderGuarantee order)
            throws Exception {
        StreamPath stream = StreamPath.parse("users/me/ordered-" + System.nanoTime());
        V3ioSink<String> sink =
                V3ioSink.<String>builder()
                        .setEndpoint(endpoint)
                        .setAccessKey("any")
                        .setStream(stream.toString())
                        .setSerializationSchema(new SimpleStringSchema())
                        .setOrder(order)
                        .setPartitionKey(e -> e.substring(0, e.indexOf(':')))
                        .build();
        try (V3ioClient client =
                        V3ioClient.builder().setEndpoint(endpoint).setAccessKey("any").build();
                TestTask task = new TestTask(0)) {
            client.createStream(stream, 8, 24).join();
            Measure measure;
            try (SinkWriter<String> writer = sink.createWriter(task.context())) {
                OperatingSystemMXBean system =
                        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
                long cpu = system.getProcessCpuTime();
                long start = System.nanoTime();
                for (String element : elements) {
                    writer.write(element, null);
                }
                writer.flush(true);
                measure =
                        new Measure(
                                elements.size() * 1e9 / (System.nanoTime() - start),
                                (double) (system.getProcessCpuTime() - cpu) / elements.size());
            }
            client.deleteStream(stream).join();
            return measure;
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
