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

package io.v3io.flink.table;

import io.v3io.client.model.StreamRecord;

import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.types.DataType;

import javax.annotation.Nullable;

import java.util.Arrays;
import java.util.Optional;

/** What a record has beside its data, as metadata columns. */
enum ReadableMetadata {
    STREAM("stream") {
        @Override
        Object of(StreamRecord record) {
            return StringData.fromString(record.shard().stream().toString());
        }
    },
    SHARD_ID("shard-id") {
        @Override
        Object of(StreamRecord record) {
            return record.shard().number();
        }
    },
    SEQUENCE_NUMBER("sequence-number") {
        @Override
        Object of(StreamRecord record) {
            return record.sequenceNumber();
        }
    },
    ARRIVAL_TIME("arrival-time") {
        @Override
        Object of(StreamRecord record) {
            return TimestampData.fromInstant(record.arrivalTime());
        }
    },
    PARTITION_KEY("partition-key") {
        @Override
        @Nullable
        Object of(StreamRecord record) {
            return StringData.fromString(record.partitionKey());
        }
    },
    CLIENT_INFO("client-info") {
        @Override
        @Nullable
        Object of(StreamRecord record) {
            return record.clientInfo();
        }
    };

    private final String key;

    ReadableMetadata(String key) {
        this.key = key;
    }

    /** The name in {@code METADATA FROM}. */
    String key() {
        return key;
    }

    DataType type() {
        return switch (this) {
            case STREAM -> DataTypes.STRING().notNull();
            case SHARD_ID -> DataTypes.INT().notNull();
            case SEQUENCE_NUMBER -> DataTypes.BIGINT().notNull();
            case ARRIVAL_TIME -> DataTypes.TIMESTAMP_WITH_LOCAL_TIME_ZONE(9).notNull();
            case PARTITION_KEY -> DataTypes.STRING();
            case CLIENT_INFO -> DataTypes.BYTES();
        };
    }

    /** A record's value, as Flink's own data structure; null for NULL. */
    @Nullable
    abstract Object of(StreamRecord record);

    /** Empty for a key of the format. */
    static Optional<ReadableMetadata> ofKey(String key) {
        return Arrays.stream(values()).filter(metadata -> metadata.key.equals(key)).findFirst();
    }
}
