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

package io.v3io.flink.kafka.mirror;

import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.source.V3ioDeserializationSchema;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;

import java.util.HashMap;
import java.util.List;

/** Takes records over as they are. */
final class ShardRecordSchema implements V3ioDeserializationSchema<ShardRecord> {

    private static final long serialVersionUID = 1L;

    private final HashMap<StreamPath, Integer> positions = new HashMap<>();

    /** For these streams, in the order of the configuration. */
    ShardRecordSchema(List<StreamPath> streams) {
        for (int i = 0; i < streams.size(); i++) {
            positions.put(streams.get(i), i);
        }
    }

    @Override
    public void deserialize(StreamRecord record, Collector<ShardRecord> out) {
        out.collect(new ShardRecord(positions.get(record.shard().stream()), record));
    }

    @Override
    public TypeInformation<ShardRecord> getProducedType() {
        return TypeInformation.of(ShardRecord.class);
    }
}
