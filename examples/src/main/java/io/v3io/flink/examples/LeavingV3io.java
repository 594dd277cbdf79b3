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

package io.v3io.flink.examples;

import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioDeserializationSchema;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.connector.base.source.hybrid.HybridSource;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

import java.util.concurrent.Callable;

/**
 * A job that counts words and moves from V3IO to Kafka without counting one twice, in two ways: by
 * a source that reads V3IO to its end and then Kafka, or by its state. docs/leaving-v3io.md says
 * what is to be done around it.
 */
@Command(
        name = "LeavingV3io",
        sortOptions = false,
        usageHelpAutoWidth = true,
        description = "Counts the words of a stream, on V3IO, on Kafka, or on its way.")
public final class LeavingV3io implements Callable<Integer> {

    /** Where the job reads. */
    enum From {
        /** V3IO, as long as it is in use. */
        V3IO,
        /** V3IO to its end, then Kafka from the offsets of the group on. */
        HYBRID,
        /** Kafka from the offsets of the group on. */
        KAFKA
    }

    @Mixin Platform platform;

    @Option(
            names = "--from",
            required = true,
            description = "Where to read: ${COMPLETION-CANDIDATES}.")
    From from;

    @Option(names = "--stream", required = true, paramLabel = "<container/path>")
    String stream;

    @Option(names = "--group", required = true, description = "Its name, on both sides.")
    String group;

    @Option(names = "--bootstrap-servers", paramLabel = "<host:port>")
    String bootstrapServers;

    @Option(names = "--topic")
    String topic;

    /** The command as a user starts it. */
    public static void main(String[] args) {
        int exitCode = ExampleRunner.run(new LeavingV3io(), System.out, System.err, args);
        if (exitCode != 0) {
            System.exit(exitCode);
        }
    }

    @Override
    public Integer call() throws Exception {
        try (Platform opened = platform) {
            opened.open(System.out);
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            var unused = counts(env).print();
            var result = env.execute("words from " + from);
            System.out.println("Job " + result.getJobID() + " has ended.");
            return 0;
        }
    }

    /** The job but for its sink: each word with how often it has come. */
    DataStream<String> counts(StreamExecutionEnvironment env) {
        Source<String, ?, ?> source =
                switch (from) {
                    case V3IO -> v3io().build();
                    case HYBRID ->
                            HybridSource.builder(
                                            v3io().setBounded(StoppingPosition.latest()).build())
                                    .addSource(kafka())
                                    .build();
                    case KAFKA -> kafka();
                };
        // A hybrid source does not tell the type by itself.
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "words", Types.STRING)
                // The state of one source means nothing to the other. Under an id of its own it is
                // left behind, by --allowNonRestoredState, and all other state is found again.
                .uid("words from " + from)
                .keyBy(word -> word)
                .process(new Count())
                .uid("counts");
    }

    /** Goes on where the group is on V3IO, and takes down there how far it has come. */
    private V3ioSourceBuilder<String> v3io() {
        return V3ioSource.<String>builder()
                .configureClient(platform::configure)
                .setStream(stream)
                .setStartingPosition(StartingPosition.committed(group, StartingPosition.earliest()))
                .setConsumerGroup(group)
                .setDeserializer(V3ioDeserializationSchema.dataOnly(new SimpleStringSchema()));
    }

    /** Goes on where {@code v3io-to-kafka translate} has put the group, and nowhere else. */
    private KafkaSource<String> kafka() {
        return KafkaSource.<String>builder()
                .setBootstrapServers(bootstrapServers)
                .setTopics(topic)
                .setGroupId(group)
                .setStartingOffsets(OffsetsInitializer.committedOffsets())
                .setProperty("isolation.level", "read_committed")
                .setProperty("partition.discovery.interval.ms", "10000")
                .setValueOnlyDeserializer(new SimpleStringSchema())
                .build();
    }

    /** How often a word has come. */
    private static final class Count extends KeyedProcessFunction<String, String, String> {

        private static final long serialVersionUID = 1L;

        private transient ValueState<Long> seen;

        @Override
        public void open(OpenContext context) {
            seen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.LONG));
        }

        @Override
        public void processElement(String word, Context context, Collector<String> out)
                throws Exception {
            long count = (seen.value() == null ? 0 : seen.value()) + 1;
            seen.update(count);
            out.collect(word + " " + count);
        }
    }
}
