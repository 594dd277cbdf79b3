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

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.V3ioDeserializationSchema;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.util.Collector;

import java.io.IOException;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Counts as records: the word, a tab and its count. Reads those of one run only. */
final class CountSchema implements V3ioDeserializationSchema<Tuple2<String, Long>> {

    private static final long serialVersionUID = 1L;

    private final RunId run;

    CountSchema(RunId run) {
        this.run = run;
    }

    static byte[] serialize(Tuple2<String, Long> count) {
        return (count.f0 + '\t' + count.f1).getBytes(UTF_8);
    }

    @Override
    public void deserialize(StreamRecord record, Collector<Tuple2<String, Long>> out)
            throws IOException {
        if (!run.isIn(record.clientInfo())) {
            return;
        }
        String text = new String(record.data(), UTF_8);
        int tab = text.indexOf('\t');
        if (tab < 0) {
            throw new IOException("A count must be a word, a tab and a number.");
        }
        try {
            out.collect(Tuple2.of(text.substring(0, tab), Long.valueOf(text.substring(tab + 1))));
        } catch (NumberFormatException e) {
            throw new IOException("A count must be a word, a tab and a number.", e);
        }
    }

    @Override
    public TypeInformation<Tuple2<String, Long>> getProducedType() {
        return Types.TUPLE(Types.STRING, Types.LONG);
    }
}
