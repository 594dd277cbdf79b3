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

import io.v3io.client.model.Location;

import org.apache.flink.annotation.Internal;

/**
 * What a seek found.
 *
 * @param location from which the shard is to be read on
 * @param lostThrough number up to which records are given up, because they are gone and the user
 *     chose to go on without them; 0 when nothing was lost
 */
@Internal
record FoundLocation(Location location, long lostThrough) {

    static FoundLocation of(Location location) {
        return new FoundLocation(location, 0);
    }
}
