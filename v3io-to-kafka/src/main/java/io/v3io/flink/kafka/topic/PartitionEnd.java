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

package io.v3io.flink.kafka.topic;

import io.v3io.flink.kafka.record.Origin;

import org.apache.kafka.clients.consumer.ConsumerRecord;

import javax.annotation.Nullable;

import java.util.Optional;

/**
 * What a partition holds at its end.
 *
 * @param beginOffset offset of the first record that it may still have
 * @param endOffset offset after the last committed record
 * @param last the last committed record that it still has; null if there is none
 */
public record PartitionEnd(
        long beginOffset, long endOffset, @Nullable ConsumerRecord<byte[], byte[]> last) {

    /** Where its last record comes from; empty without a record, or if no mirror has written it. */
    public Optional<Origin> origin() {
        return last == null ? Optional.empty() : Origin.of(last);
    }

    /** Whether it has had records and has none any more, as far as its offsets tell. */
    public boolean isEmptied() {
        return last == null && beginOffset > 0;
    }
}
