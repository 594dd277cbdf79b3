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

import org.apache.flink.annotation.PublicEvolving;

import java.util.Locale;

/**
 * In which order records that belong together are stored: those of one partition key, or of one
 * shard id, in one stream.
 */
@PublicEvolving
public enum OrderGuarantee {
    /** In any order: requests are under way together and overtake each other. */
    NONE,

    /**
     * In the order in which a subtask got them, unless the platform fails single records of a
     * request. Records that belong together are in one request at a time, as many as fit, in their
     * order. When the platform stores some of them and not others, those that it did not store come
     * later; the metric {@code v3io.orderBroken} counts them.
     */
    RELAXED,

    /**
     * In the order in which a subtask got them, whatever fails. Of records that belong together one
     * is under way at a time, so that there is one for each round trip to the platform.
     */
    STRICT;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
