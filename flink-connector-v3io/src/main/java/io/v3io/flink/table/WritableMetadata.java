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

package io.v3io.flink.table;

import org.apache.flink.table.types.DataType;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a row can say about its record beside the data. NULL says nothing. */
enum WritableMetadata {
    STREAM(ReadableMetadata.STREAM),
    SHARD_ID(ReadableMetadata.SHARD_ID),
    PARTITION_KEY(ReadableMetadata.PARTITION_KEY),
    CLIENT_INFO(ReadableMetadata.CLIENT_INFO);

    private final ReadableMetadata readable;

    WritableMetadata(ReadableMetadata readable) {
        this.readable = readable;
    }

    /** The name in {@code METADATA FROM}, the same as for reading. */
    String key() {
        return readable.key();
    }

    static Map<String, DataType> all() {
        Map<String, DataType> all = new LinkedHashMap<>();
        for (WritableMetadata metadata : values()) {
            all.put(metadata.key(), metadata.readable.type().nullable());
        }
        return all;
    }
}
