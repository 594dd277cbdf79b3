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

package io.v3io.flink.benchmarks;

import io.v3io.flink.benchmarks.measure.Spread;

import javax.annotation.Nullable;

import java.util.List;
import java.util.stream.Stream;

/**
 * What was measured for a figure.
 *
 * @param spread null if it cannot be measured here
 * @param remarks what a reader of the table must know of it
 */
public record Reading(@Nullable Spread spread, List<String> remarks) {

    public static Reading of(Spread spread) {
        return new Reading(spread, List.of());
    }

    /** The figure cannot be measured on this machine, for this reason. */
    public static Reading impossible(String reason) {
        return new Reading(null, List.of("not measurable: " + reason));
    }

    public Reading with(String remark) {
        return new Reading(spread, Stream.concat(remarks.stream(), Stream.of(remark)).toList());
    }
}
