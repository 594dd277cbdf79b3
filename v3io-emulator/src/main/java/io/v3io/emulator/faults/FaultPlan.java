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

package io.v3io.emulator.faults;

import io.v3io.emulator.FaultAction;

import java.time.Duration;
import java.util.function.IntPredicate;

/**
 * What shall happen to one request.
 *
 * @param latency all latencies together
 * @param action what else; null for nothing
 * @param failedRecords which records of a PutRecords fail, for {@link FaultAction.FailRecords}
 */
public record FaultPlan(Duration latency, FaultAction action, IntPredicate failedRecords) {

    /** Nothing goes wrong. */
    public static final FaultPlan NONE = new FaultPlan(Duration.ZERO, null, position -> false);

    /** Whether anything happens. */
    boolean acts() {
        return action != null || !latency.isZero();
    }
}
