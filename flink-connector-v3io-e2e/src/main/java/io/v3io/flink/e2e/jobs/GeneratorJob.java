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

package io.v3io.flink.e2e.jobs;

import io.v3io.flink.sink.OrderGuarantee;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.sink.V3ioSinkBuilder;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Numbers from 0 up into a stream, each with one of 64 partition keys, in the order of the key. */
public final class GeneratorJob {

    /** How many partition keys there are: a number's key is its remainder. */
    public static final int KEYS = 64;

    private GeneratorJob() {}

    /**
     * Takes the options of all jobs, those of a sink, {@code --count}, and {@code --rate}, in
     * numbers a second.
     */
    public static void main(String[] args) throws Exception {
        JobOptions options = JobOptions.of(args);
        StreamExecutionEnvironment env = options.environment();
        DataGeneratorSource<Long> numbers =
                new DataGeneratorSource<>(
                        number -> number,
                        options.getLong("count"),
                        RateLimiterStrategy.perSecond((double) options.getLong("rate")),
                        Types.LONG);
        V3ioSinkBuilder<Long> sink =
                V3ioSink.<Long>builder()
                        .configureClient(options::configure)
                        .setStream(options.get("stream"))
                        .setSerializationSchema(number -> Long.toString(number).getBytes(UTF_8))
                        .setPartitionKey(GeneratorJob::key)
                        .setOrder(OrderGuarantee.STRICT);
        options.configure(sink);
        // One generator, so that the numbers of a key come in order.
        env.fromSource(numbers, WatermarkStrategy.noWatermarks(), "numbers")
                .setParallelism(1)
                .uid("numbers")
                .keyBy(number -> number % KEYS)
                .sinkTo(sink.build())
                .uid("stream");
        env.execute("generator");
    }

    private static String key(Long number) {
        return "key-" + number % KEYS;
    }
}
