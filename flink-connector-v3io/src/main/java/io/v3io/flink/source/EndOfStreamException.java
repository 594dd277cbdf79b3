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
import org.apache.flink.util.FlinkRuntimeException;

/**
 * A {@code DeserializationSchema} has said that an element ends the stream. A shard has no such
 * element: what comes after it belongs to the shard as well, also for a job that is restored.
 */
@Internal
public final class EndOfStreamException extends FlinkRuntimeException {

    private static final long serialVersionUID = 1L;

    EndOfStreamException(String schema) {
        super(
                "isEndOfStream of "
                        + schema
                        + " returned true, which the V3IO source does not support. To end the source, set a stopping"
                        + " position; to leave elements out, filter them.");
    }
}
