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

import org.apache.flink.annotation.PublicEvolving;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.util.Collector;

import java.io.IOException;
import java.io.Serializable;

/**
 * Turns a record of a stream into elements of the job: none, one or many. Called by one thread, in
 * shard order.
 *
 * @param <T> type of the elements
 */
@PublicEvolving
public interface V3ioDeserializationSchema<T> extends Serializable, ResultTypeQueryable<T> {

    /**
     * Called once per subtask before the first record.
     *
     * @param context gives the metric group and the user code class loader
     */
    default void open(DeserializationSchema.InitializationContext context) throws Exception {}

    /**
     * Turns one record into elements.
     *
     * @param record data, partition key, client info, shard, stream, sequence number and arrival
     *     time; its arrays are the record's own and may be kept
     * @param out takes the elements; each gets the record's arrival time as its timestamp
     * @throws IOException if the record cannot be understood; the job fails with its shard and
     *     sequence number, or leaves the record out and counts it, or stores it as a dead letter,
     *     as {@link V3ioSourceBuilder#setOnDeserializationFailure} says
     */
    void deserialize(StreamRecord record, Collector<T> out) throws IOException;

    /** A schema that sees the record's data only. */
    static <T> V3ioDeserializationSchema<T> dataOnly(DeserializationSchema<T> schema) {
        return new DataOnlyDeserializationSchema<>(schema);
    }
}
