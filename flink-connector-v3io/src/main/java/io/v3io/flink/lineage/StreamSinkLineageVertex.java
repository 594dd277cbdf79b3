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

package io.v3io.flink.lineage;

import org.apache.flink.annotation.Internal;
import org.apache.flink.streaming.api.lineage.LineageDataset;
import org.apache.flink.streaming.api.lineage.LineageVertex;

import java.net.URI;
import java.util.Collection;
import java.util.List;

/**
 * The streams that a sink writes.
 *
 * @param datasets one for each stream
 */
@Internal
public record StreamSinkLineageVertex(List<LineageDataset> datasets) implements LineageVertex {

    /**
     * A vertex of these streams.
     *
     * @param endpoint the platform, which becomes the datasets' namespace
     * @param streams names of the datasets: {@code container/path}
     */
    public static StreamSinkLineageVertex of(URI endpoint, Collection<String> streams) {
        return new StreamSinkLineageVertex(StreamDataset.all(endpoint, streams));
    }
}
