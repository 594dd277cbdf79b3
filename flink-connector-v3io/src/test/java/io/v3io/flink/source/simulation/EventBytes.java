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

package io.v3io.flink.source.simulation;

import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.util.InstantiationUtil;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Events travel by Java serialization, as between processes. */
final class EventBytes {

    private EventBytes() {}

    static byte[] write(SourceEvent event) {
        try {
            return InstantiationUtil.serializeObject(event);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static SourceEvent read(byte[] event) throws IOException, ClassNotFoundException {
        return InstantiationUtil.deserializeObject(event, EventBytes.class.getClassLoader());
    }
}
