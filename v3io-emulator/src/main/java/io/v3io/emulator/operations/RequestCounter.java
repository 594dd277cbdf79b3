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

package io.v3io.emulator.operations;

import io.v3io.emulator.Operation;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts requests by operation, when they come in. Thread-safe. */
public final class RequestCounter {
    private final Map<Operation, LongAdder> counts = new EnumMap<>(Operation.class);

    public RequestCounter() {
        for (Operation operation : Operation.values()) {
            counts.put(operation, new LongAdder());
        }
    }

    void increment(Operation operation) {
        counts.get(operation).increment();
    }

    /** How many requests of this kind have come in. */
    public long count(Operation operation) {
        return counts.get(operation).sum();
    }
}
