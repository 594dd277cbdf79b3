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

package io.v3io.emulator.store;

import java.util.Map;

/**
 * A shard at one moment, for people and tests.
 *
 * @param born whether it has ever had a record
 * @param records how many are stored
 * @param firstSequence the oldest record; the number that the next one gets when there is none
 * @param lastSequence the newest record ever stored, 0 when none was
 * @param lastArrivalNanos when that was, 0 when none was
 * @param bytes of the stored records' JSON
 * @param userAttributes among them the committed sequence numbers
 */
public record ShardSummary(
        int shardId,
        boolean born,
        long records,
        long firstSequence,
        long lastSequence,
        long lastArrivalNanos,
        long bytes,
        Map<String, AttributeValue> userAttributes) {}
