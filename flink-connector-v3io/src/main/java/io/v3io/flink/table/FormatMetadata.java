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
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The metadata of a format among that of a table, where its keys begin with {@code value.}. */
final class FormatMetadata {

    /** So that the keys of a format cannot collide with those of the record. */
    private static final String PREFIX = "value.";

    private FormatMetadata() {}

    /** What a format has, by the keys of the table. */
    static Map<String, DataType> ofTable(Map<String, DataType> ofFormat) {
        Map<String, DataType> all = new LinkedHashMap<>();
        ofFormat.forEach((key, type) -> all.put(PREFIX + key, type));
        return all;
    }

    /** Those of the table's keys that are the format's, as it names them. */
    static List<String> keys(List<String> keysOfTable) {
        return keysOfTable.stream()
                .filter(key -> key.startsWith(PREFIX))
                .map(key -> key.substring(PREFIX.length()))
                .toList();
    }

    /** Where those stand among the table's keys. */
    static IntStream positions(List<String> keysOfTable) {
        return IntStream.range(0, keysOfTable.size())
                .filter(position -> keysOfTable.get(position).startsWith(PREFIX));
    }
}
