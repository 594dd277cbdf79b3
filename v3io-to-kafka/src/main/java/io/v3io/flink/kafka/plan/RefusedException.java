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

package io.v3io.flink.kafka.plan;

import java.util.List;
import java.util.stream.Collectors;

/** A topic, as it is, says nothing about how far a mirror is. */
public final class RefusedException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Says why the migration is refused. */
    public RefusedException(List<Refusal> refusals) {
        super(
                refusals.stream()
                        .map(refusal -> refusal.code() + ": " + refusal.message())
                        .collect(Collectors.joining(System.lineSeparator())));
    }
}
