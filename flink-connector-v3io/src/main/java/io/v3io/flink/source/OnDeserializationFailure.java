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

import org.apache.flink.annotation.PublicEvolving;

import java.util.Locale;

/** What a job does with a record that its deserializer refuses. */
@PublicEvolving
public enum OnDeserializationFailure {
    /** Fail; the message names stream, shard and sequence number. The default. */
    FAIL,
    /** Drop the whole record, log it now and then, and count it in {@code numRecordsInErrors}. */
    DROP,
    /**
     * Store the record, where it came from and why in a stream of its own ({@link
     * V3ioSourceBuilder#setDeadLetterStream}), and go on. No checkpoint passes a record whose dead
     * letter is not stored.
     */
    DEAD_LETTER;

    /** As in SQL: {@code fail}, {@code drop}, {@code dead-letter}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
