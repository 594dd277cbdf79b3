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

import org.apache.flink.annotation.Internal;
import org.apache.flink.annotation.PublicEvolving;

import java.io.Serializable;

/**
 * Where a bounded job stops. A closed set. It is resolved once, when the job first starts, and kept
 * in checkpoints.
 */
@PublicEvolving
public sealed interface StoppingPosition extends Serializable {

    /**
     * The newest record of each shard at the moment of the job's start (inclusive). Shards that
     * have no record by then are not read.
     */
    static StoppingPosition latest() {
        return Latest.INSTANCE;
    }

    /** See {@link StoppingPosition#latest()}. */
    @Internal
    enum Latest implements StoppingPosition {
        INSTANCE
    }
}
