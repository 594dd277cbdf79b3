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

package io.v3io.emulator;

import java.util.List;

/**
 * The faults of an emulator. Of the faults that hit a request, all latencies add up and the first
 * other one acts, in the order in which they were added. Thread-safe.
 */
public interface Faults {

    /**
     * Adds a fault after those that are there.
     *
     * @throws IllegalArgumentException when the fault has no action, or one that its operation
     *     cannot have
     */
    void add(Fault fault);

    /** Removes all faults. */
    void clear();

    /** The faults that are there and not over. */
    List<Fault> active();

    /** How many requests have been hit since the emulator was started, by any fault. */
    long hits();
}
