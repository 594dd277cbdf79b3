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
 * One shard of one stream.
 *
 * @param stream the stream
 * @param number the shard's id within its stream, as on the wire: 0 to shard count - 1
 */
@PublicEvolving
public record ShardId(StreamPath stream, int number) implements Serializable, Comparable<ShardId> {

    private static final long serialVersionUID = 1L;

    /** Refuses a missing stream and a number outside of 0 to {@value V3ioLimits#MAX_SHARDS} - 1. */
    public ShardId {
        Objects.requireNonNull(stream, "stream");
        if (number < 0 || number >= V3ioLimits.MAX_SHARDS) {
            throw new IllegalArgumentException(
                    "Shard id "
                            + number
                            + " of stream "
                            + stream
                            + " must be 0 to "
                            + (V3ioLimits.MAX_SHARDS - 1)
                            + ".");
        }
    }

    @Override
    public int compareTo(ShardId other) {
        int byStream = stream.compareTo(other.stream);
        return byStream != 0 ? byStream : Integer.compare(number, other.number);
    }

    /** {@code container/path/number}. */
    @Override
    public String toString() {
        return stream + "/" + number;
    }
}
