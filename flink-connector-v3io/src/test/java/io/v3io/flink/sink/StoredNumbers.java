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

import io.v3io.emulator.EmulatedStream;
import io.v3io.emulator.StoredRecord;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

/** The numbers that a job has written as text, each as often as it is stored. */
final class StoredNumbers {

    private StoredNumbers() {}

    static List<Long> of(EmulatedStream stream) {
        List<Long> numbers = new ArrayList<>();
        for (int shard = 0; shard < stream.shardCount(); shard++) {
            stream.records(shard).forEach(record -> numbers.add(number(record)));
        }
        return numbers;
    }

    /**
     * Each number once. The first copies of a key's numbers must stand in order.
     *
     * @param description of the run, for the message if they do not
     */
    static Set<Long> inOrder(EmulatedStream stream, String description) {
        Set<Long> numbers = new HashSet<>();
        Map<String, Long> newest = new HashMap<>();
        for (int shard = 0; shard < stream.shardCount(); shard++) {
            for (StoredRecord record : stream.records(shard)) {
                long number = number(record);
                if (numbers.add(number)) {
                    Long before = newest.put(record.partitionKey(), number);
                    assertThat(before == null || before < number)
                            .as(
                                    "%s: %d of key %s after %d",
                                    description, number, record.partitionKey(), before)
                            .isTrue();
                }
            }
        }
        return numbers;
    }

    private static long number(StoredRecord record) {
        return Long.parseLong(new String(record.data(), UTF_8));
    }
}
