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

import io.v3io.flink.sink.ClientInfoSelector;
import io.v3io.flink.sink.PartitionKeySelector;
import io.v3io.flink.sink.ShardIdSelector;
import io.v3io.flink.sink.StreamSelector;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.serialization.SerializationSchema;
import org.apache.flink.types.Row;

/**
 * The row into which the Python sink puts an element and what Python functions have chosen for it:
 * the element, its stream, partition key, shard id and client info, in this order. What was not
 * chosen is null.
 */
@Internal
public final class ChosenRow {

    private static final int ELEMENT = 0;
    private static final int STREAM = 1;
    private static final int PARTITION_KEY = 2;
    private static final int SHARD_ID = 3;
    private static final int CLIENT_INFO = 4;

    private ChosenRow() {}

    /** Serializes the row's element with a schema. */
    public static <T> SerializationSchema<Row> element(SerializationSchema<T> schema) {
        return new ElementSchema<>(schema);
    }

    /** Takes the row's element as the bytes that a Python function has made. */
    public static SerializationSchema<Row> bytes() {
        return row -> (byte[]) row.getField(ELEMENT);
    }

    public static StreamSelector<Row> stream() {
        return row -> row.getFieldAs(STREAM);
    }

    public static PartitionKeySelector<Row> partitionKey() {
        return row -> row.getFieldAs(PARTITION_KEY);
    }

    public static ShardIdSelector<Row> shardId() {
        return row -> row.getFieldAs(SHARD_ID);
    }

    public static ClientInfoSelector<Row> clientInfo() {
        return row -> row.getFieldAs(CLIENT_INFO);
    }

    private record ElementSchema<T>(SerializationSchema<T> schema)
            implements SerializationSchema<Row> {

        @Override
        public void open(InitializationContext context) throws Exception {
            schema.open(context);
        }

        @Override
        public byte[] serialize(Row row) {
            return schema.serialize(row.getFieldAs(ELEMENT));
        }
    }
}
