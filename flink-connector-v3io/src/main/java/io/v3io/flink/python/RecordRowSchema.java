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

package io.v3io.flink.python;

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.V3ioDeserializationSchema;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.types.Row;
import org.apache.flink.util.Collector;

/** Makes a row with all that a record has. Fields that the record lacks are null. */
@Internal
public final class RecordRowSchema implements V3ioDeserializationSchema<Row> {

    private static final long serialVersionUID = 1L;

    private static final TypeInformation<Row> TYPE =
            Types.ROW_NAMED(
                    new String[] {
                        "data",
                        "partition_key",
                        "client_info",
                        "stream",
                        "shard",
                        "sequence_number",
                        "arrival_time"
                    },
                    PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
                    Types.STRING,
                    PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO,
                    Types.STRING,
                    Types.INT,
                    Types.LONG,
                    Types.INSTANT);

    @Override
    public void deserialize(StreamRecord record, Collector<Row> out) {
        out.collect(
                Row.of(
                        record.data(),
                        record.partitionKey(),
                        record.clientInfo(),
                        record.shard().stream().toString(),
                        record.shard().number(),
                        record.sequenceNumber(),
                        record.arrivalTime()));
    }

    @Override
    public TypeInformation<Row> getProducedType() {
        return TYPE;
    }
}
