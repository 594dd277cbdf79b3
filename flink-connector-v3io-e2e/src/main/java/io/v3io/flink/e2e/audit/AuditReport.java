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

package io.v3io.flink.e2e.audit;

import java.util.ArrayList;
import java.util.List;

/**
 * What an audit found. A line for each offender, with shard and sequence number.
 *
 * @param path which job's way it was
 * @param records that were compared
 * @param lost are in the stream and did not come out
 * @param duplicated came out more than once, or were never in the stream; on paths that promise
 *     exactly once only
 * @param reordered came out before one that is older
 */
public record AuditReport(
        String path,
        long records,
        List<String> lost,
        List<String> duplicated,
        List<String> reordered) {

    private static final int SHOWN = 20;

    /** A report with nothing found yet. */
    static AuditReport of(String path, long records) {
        return new AuditReport(
                path, records, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    /** Whether nothing was found. */
    public boolean isClean() {
        return lost.isEmpty() && duplicated.isEmpty() && reordered.isEmpty();
    }

    @Override
    public String toString() {
        StringBuilder text =
                new StringBuilder(path).append(": ").append(records).append(" records");
        append(text, "lost", lost);
        append(text, "duplicated", duplicated);
        append(text, "reordered", reordered);
        return text.toString();
    }

    private static void append(StringBuilder text, String what, List<String> offenders) {
        text.append(", ").append(offenders.size()).append(' ').append(what);
        offenders.stream()
                .limit(SHOWN)
                .forEach(
                        offender ->
                                text.append("\n    ").append(what).append(": ").append(offender));
    }
}
