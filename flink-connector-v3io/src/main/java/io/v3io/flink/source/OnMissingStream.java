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

/**
 * What to do when a stream that is to be read does not exist when the job starts. A stream that
 * existed and was deleted is another thing: that fails the job whatever is chosen here.
 */
@PublicEvolving
public enum OnMissingStream {
    /** Fail; the message names the stream. The default. */
    FAIL,
    /**
     * Look for it again and again, at the interval of shard discovery, and read it from its first
     * record when it is there.
     */
    WAIT
}
