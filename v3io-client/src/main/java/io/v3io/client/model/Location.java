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

package io.v3io.client.model;

import io.v3io.client.annotation.PublicEvolving;

import java.io.Serializable;
import java.util.Objects;

/**
 * An opaque read cursor of one shard: exactly what Seek or the last GetRecords returned. It cannot
 * be computed, compared by order, or used on another shard, and it can die (illegal location) when
 * retention moves past it.
 *
 * @param text the server's text, base64 as it came
 */
@PublicEvolving
public record Location(String text) implements Serializable {

    private static final long serialVersionUID = 1L;

    /** Refuses null and the empty text, which no server hands out. */
    public Location {
        Objects.requireNonNull(text, "text");
        if (text.isEmpty()) {
            throw new IllegalArgumentException("A location must not be empty.");
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
