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

import io.v3io.client.model.StreamPath;

import java.util.List;
import java.util.stream.Collectors;

/** Names the streams of a sink in errors. */
final class StreamNames {

    private StreamNames() {}

    /** For example {@code stream users/me/orders}, or {@code streams users/a, users/b}. */
    static String of(List<StreamPath> streams) {
        return (streams.size() == 1 ? "stream " : "streams ")
                + streams.stream().map(StreamPath::toString).collect(Collectors.joining(", "));
    }
}
