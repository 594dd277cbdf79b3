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
import io.v3io.flink.source.V3ioDeserializationSchema;

import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.Collector;

import java.util.zip.CRC32;

/** Keeps where a record was and a checksum of what it held. */
final class SeenRecordSchema implements V3ioDeserializationSchema<SeenRecord> {

    private static final long serialVersionUID = 1L;

    @Override
    public void deserialize(StreamRecord record, Collector<SeenRecord> out) {
        CRC32 checksum = new CRC32();
        checksum.update(record.data());
        out.collect(
                new SeenRecord(
                        record.shard().number(), record.sequenceNumber(), checksum.getValue()));
    }

    @Override
    public TypeInformation<SeenRecord> getProducedType() {
        return TypeInformation.of(SeenRecord.class);
    }
}
