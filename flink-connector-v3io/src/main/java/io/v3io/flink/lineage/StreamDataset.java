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

import org.apache.flink.streaming.api.lineage.LineageDataset;
import org.apache.flink.streaming.api.lineage.LineageDatasetFacet;

import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * A stream as a dataset of Flink's lineage.
 *
 * @param namespace the platform's endpoint
 * @param name the stream
 */
record StreamDataset(String namespace, String name) implements LineageDataset {

    static List<LineageDataset> all(URI endpoint, Collection<String> streams) {
        return streams.stream()
                .<LineageDataset>map(stream -> new StreamDataset(endpoint.toString(), stream))
                .toList();
    }

    @Override
    public Map<String, LineageDatasetFacet> facets() {
        return Map.of();
    }
}
