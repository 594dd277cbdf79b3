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

import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;

import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.accumulators.LongCounter;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

import java.time.Duration;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;

/** The Flink jobs of word count. Each method builds one and leaves it to its caller to run it. */
final class WordCountJobs {

    /** Accumulator: words that a job has written or read until now. */
    static final String WORDS = "words";

    private static final int MAX_LOCAL_PARALLELISM = 4;

    private final Platform platform;

    WordCountJobs(Platform platform) {
        this.platform = platform;
    }

    /** The environment of {@code flink run}, or a small one in this process. */
    static StreamExecutionEnvironment environment(RuntimeExecutionMode mode) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setRuntimeMode(mode);
        if (env instanceof LocalStreamEnvironment) {
            env.setParallelism(
                    Math.min(MAX_LOCAL_PARALLELISM, Runtime.getRuntime().availableProcessors()));
        }
        return env;
    }

    /**
     * Writes words. Each comes with its partition key, so the words of one fable are in one shard.
     */
    void write(
            StreamExecutionEnvironment env,
            List<Tuple2<String, String>> keyedWords,
            StreamPath stream) {
        V3ioSink<Tuple2<String, String>> sink =
                V3ioSink.<Tuple2<String, String>>builder()
                        .configureClient(platform::configure)
                        .setStream(stream.toString())
                        .setSerializationSchema(word -> word.f1.getBytes(UTF_8))
                        .setPartitionKey(word -> word.f0)
                        .build();
        env.fromData(keyedWords, Types.TUPLE(Types.STRING, Types.STRING))
                .map(new Counted<>())
                .returns(Types.TUPLE(Types.STRING, Types.STRING))
                .sinkTo(sink)
                .name("words");
    }

    /** Counts the words that the stream holds now, and writes the counts. */
    void count(StreamExecutionEnvironment env, StreamPath words, StreamPath counts, RunId run) {
        writeCounts(
                counts(env, words(words).setBounded(StoppingPosition.latest()).build()),
                counts,
                run);
    }

    /**
     * Counts words without an end, and writes each new count.
     *
     * @return a line about the state of the count, at every interval with new words
     */
    DataStream<String> follow(
            StreamExecutionEnvironment env,
            StreamPath words,
            StreamPath counts,
            RunId run,
            Duration interval) {
        env.enableCheckpointing(interval.toMillis());
        DataStream<Tuple2<String, Long>> counted =
                counts(env, words(words).setShardDiscoveryInterval(interval).build());
        writeCounts(counted, counts, run);
        return counted.keyBy(count -> 0, Types.INT).process(new FollowProgress(interval));
    }

    /** Reads back what a run has counted. */
    DataStream<Tuple2<String, Long>> readCounts(
            StreamExecutionEnvironment env, StreamPath counts, RunId run) {
        V3ioSource<Tuple2<String, Long>> source =
                V3ioSource.<Tuple2<String, Long>>builder()
                        .configureClient(platform::configure)
                        .setStream(counts.toString())
                        .setStartingPosition(StartingPosition.earliest())
                        .setBounded(StoppingPosition.latest())
                        .setDeserializer(new CountSchema(run))
                        .build();
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), "counts");
    }

    private V3ioSourceBuilder<String> words(StreamPath stream) {
        return V3ioSource.<String>builder()
                .configureClient(platform::configure)
                .setStream(stream.toString())
                .setStartingPosition(StartingPosition.earliest())
                .setDeserializer(new SimpleStringSchema());
    }

    private static DataStream<Tuple2<String, Long>> counts(
            StreamExecutionEnvironment env, V3ioSource<String> words) {
        return env.fromSource(words, WatermarkStrategy.noWatermarks(), "words")
                .map(new Counted<>())
                .returns(Types.STRING)
                .map(word -> Tuple2.of(word, 1L))
                .returns(Types.TUPLE(Types.STRING, Types.LONG))
                .keyBy(count -> count.f0)
                .sum(1);
    }

    private void writeCounts(
            DataStream<Tuple2<String, Long>> counted, StreamPath stream, RunId run) {
        V3ioSink<Tuple2<String, Long>> sink =
                V3ioSink.<Tuple2<String, Long>>builder()
                        .configureClient(platform::configure)
                        .setStream(stream.toString())
                        .setSerializationSchema(CountSchema::serialize)
                        .setPartitionKey(count -> count.f0)
                        .setClientInfo(count -> run.toClientInfo())
                        .build();
        counted.sinkTo(sink).name("counts");
    }

    /** Counts elements in an accumulator, which can be asked for while the job runs. */
    private static final class Counted<T> extends RichMapFunction<T, T> {

        private static final long serialVersionUID = 1L;

        private final LongCounter count = new LongCounter();

        @Override
        public void open(OpenContext context) {
            getRuntimeContext().addAccumulator(WORDS, count);
        }

        @Override
        public T map(T element) {
            count.add(1L);
            return element;
        }
    }
}
