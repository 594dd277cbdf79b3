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

package io.v3io.flink.source;

import io.v3io.client.model.StreamRecord;

import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.util.Collector;

import java.nio.charset.StandardCharsets;

/**
 * Emits shard, sequence number and data of every record, so that a test can say which is missing or
 * there twice.
 */
public final class RecordCoordinates
        implements V3ioDeserializationSchema<Tuple3<String, Long, String>> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(StreamRecord record, Collector<Tuple3<String, Long, String>> out) {
        out.collect(
                Tuple3.of(
                        record.shard().toString(),
                        record.sequenceNumber(),
                        new String(record.data(), StandardCharsets.UTF_8)));
    }

    @Override
    public TypeInformation<Tuple3<String, Long, String>> getProducedType() {
        return TypeInformation.of(new TypeHint<>() {});
    }
}
