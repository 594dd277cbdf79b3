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

package io.v3io.flink.source.reader;

import io.v3io.flink.source.split.ShardFacts;

import org.apache.flink.annotation.Internal;

/**
 * How far a shard has been read, at one moment: what a seek needs to know of it.
 *
 * @param takenThrough records up to this number are not wanted any more; 0 for none
 * @param hasTaken whether records have been taken or given up, which makes the start of no interest
 * @param isSeen whether the record with that number was read, so that it was there once
 * @param isMissing whether the number was sought in vain already
 * @param facts what is known of the shard beside that
 */
@Internal
record ShardPosition(
        long takenThrough, boolean hasTaken, boolean isSeen, boolean isMissing, ShardFacts facts) {

    /** Whether the shard was seen to have nothing after this position. */
    boolean isCaughtUp() {
        ShardFacts.CaughtUp caughtUp = facts.caughtUp();
        return caughtUp != null && caughtUp.sequenceNumber() == takenThrough;
    }
}
