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

/**
 * What to do with a stream that a checkpoint holds and that is not subscribed any more: it was
 * taken off the list, or the pattern that matches it was changed.
 */
@PublicEvolving
public enum OnUnsubscribedStream {
    /**
     * Read it on, with the shards that are added to it; it fails the job when it is deleted. The
     * default.
     */
    READ_ON,
    /**
     * Forget it, with the positions of its shards, which is logged. If it is subscribed again
     * later, it starts at the starting position.
     */
    DROP;

    /** As in SQL: {@code read-on}, {@code drop}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
