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

package io.v3io.flink.sink;

import io.v3io.flink.deadletter.DeadLetter;

import org.apache.flink.annotation.PublicEvolving;

import java.util.Locale;

/**
 * What to do with a record that no repetition can ever store: data, partition key or client info
 * too large, a shard id that no stream can have, a stream that the sink does not have; these are
 * found before the record is sent and disturb no others. Or the server refuses the record for
 * itself, such as for a shard that its stream does not have.
 */
@PublicEvolving
public enum OnInvalidRecord {
    /**
     * The job fails with an error that names the stream, the shard or key length, and the limit.
     */
    FAIL,
    /** The record is dropped and counted in the metric {@code v3io.recordsDropped}. */
    DROP,
    /**
     * Why it cannot be stored, where it was to go and its data are stored in a stream of their own
     * ({@link V3ioSinkBuilder#setDeadLetterStream}) as a {@link DeadLetter}, which a checkpoint
     * waits for, and counted in {@code v3io.recordsHandedOver}. A dead letter has the first 700,000
     * bytes of data, or what the limits of the sink leave room for.
     */
    DEAD_LETTER;

    /** As in the options of a table. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
