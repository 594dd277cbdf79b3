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

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.sink.V3ioSink;
import io.v3io.flink.source.StartingPosition;
import io.v3io.flink.source.StoppingPosition;
import io.v3io.flink.source.V3ioDeserializationSchema;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.V3ioSourceBuilder;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.apache.flink.util.ParameterTool;

/**
 * Copies the records of a stream, with their partition keys, to another one: {@code --endpoint URL
 * --from STREAM --to STREAM [--bounded] [--checkpoint-millis N]}. The access key is the task
 * managers' own.
 */
public final class Copy {

    private static final long CHECKPOINT_MILLIS = 500;

    private Copy() {}

    public static void main(String[] args) throws Exception {
        ParameterTool options = ParameterTool.fromArgs(args);
        V3ioSourceBuilder<Tuple2<String, byte[]>> from =
                V3ioSource.<Tuple2<String, byte[]>>builder()
                        .setEndpoint(options.getRequired("endpoint"))
                        .setStream(options.getRequired("from"))
                        .setStartingPosition(StartingPosition.earliest())
                        .setDeserializer(new KeyAndData());
        if (options.has("bounded")) {
            from.setBounded(StoppingPosition.latest());
        }
        V3ioSink<Tuple2<String, byte[]>> to =
                V3ioSink.<Tuple2<String, byte[]>>builder()
                        .setEndpoint(options.getRequired("endpoint"))
                        .setStream(options.getRequired("to"))
                        .setSerializationSchema(record -> record.f1)
                        .setPartitionKey(record -> record.f0)
                        .build();

        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.enableCheckpointing(options.getLong("checkpoint-millis", CHECKPOINT_MILLIS));
        env.fromSource(from.build(), WatermarkStrategy.noWatermarks(), "from")
                .uid("from")
                .sinkTo(to)
                .name("to")
                .uid("to");
        env.execute("copy " + options.get("from") + " to " + options.get("to"));
    }

    private static final class KeyAndData
            implements V3ioDeserializationSchema<Tuple2<String, byte[]>> {

        private static final long serialVersionUID = 1L;

        @Override
        public void deserialize(StreamRecord record, Collector<Tuple2<String, byte[]>> out) {
            out.collect(Tuple2.of(record.partitionKey(), record.data()));
        }

        @Override
        public TypeInformation<Tuple2<String, byte[]>> getProducedType() {
            return Types.TUPLE(Types.STRING, Types.PRIMITIVE_ARRAY(Types.BYTE));
        }
    }
}
