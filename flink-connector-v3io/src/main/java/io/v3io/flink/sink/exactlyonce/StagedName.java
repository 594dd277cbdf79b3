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

package io.v3io.flink.sink.exactlyonce;

import io.v3io.flink.sink.state.EpochId;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an object in the staging directory. It says whose the object is, when it was put
 * there, and after which checkpoint its epoch began:
 *
 * <pre>
 * &lt;operator&gt;.&lt;submission&gt;.&lt;put&gt;.&lt;subtask&gt;.&lt;lineage&gt;.&lt;checkpoint&gt;.&lt;epoch&gt;.&lt;part&gt;[.prepared][.finished]
 * </pre>
 *
 * @param text all of it
 * @param operator names the sink within its job, and what it writes to
 * @param submission names the submission of the job
 * @param putMillis in ms since 1970, by the writer's clock; of a note that of the object which it
 *     is named after
 * @param startedAfter the checkpoint after which the epoch began
 * @param prepared whether the object is the last one of its epoch, which is put when the epoch is
 *     prepared. As long as an epoch has none, no checkpoint can hold it
 * @param note whether the object is the note of its epoch and holds no records
 */
record StagedName(
        String text,
        String operator,
        String submission,
        long putMillis,
        EpochId epoch,
        long startedAfter,
        boolean prepared,
        boolean note) {

    /** What the name of a note has after that of the object in whose place it is. */
    static final String NOTE = ".finished";

    private static final String PREPARED = ".prepared";

    private static final Pattern FORMAT =
            Pattern.compile(
                    "(?<operator>[0-9a-f]{16})\\.(?<submission>[0-9a-f]{32})\\.(?<put>\\d{1,18})"
                            + "\\.(?<subtask>\\d{1,5})\\.(?<lineage>[0-9a-f]{12})"
                            + "\\.(?<checkpoint>-1|\\d{1,18})\\.(?<epoch>\\d{1,10})\\.\\d{1,10}"
                            + "(?<prepared>\\.prepared)?(?<note>\\.finished)?");

    /**
     * The name of some records.
     *
     * @param part counts the objects of the epoch
     */
    static StagedName of(
            StagingOwner owner,
            long putMillis,
            EpochId epoch,
            long startedAfter,
            int part,
            boolean prepared) {
        String text =
                String.format(
                        Locale.ROOT,
                        "%s.%s.%d.%d.%012x.%d.%d.%d%s",
                        owner.operator(),
                        owner.submission(),
                        putMillis,
                        epoch.subtask(),
                        epoch.lineage(),
                        startedAfter,
                        epoch.number(),
                        part,
                        prepared ? PREPARED : "");
        return new StagedName(
                text,
                owner.operator(),
                owner.submission(),
                putMillis,
                epoch,
                startedAfter,
                prepared,
                false);
    }

    /** Empty if the sink gives no such names. */
    static Optional<StagedName> parse(String text) {
        Matcher matcher = FORMAT.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        EpochId epoch;
        try {
            epoch =
                    new EpochId(
                            Long.parseLong(matcher.group("lineage"), 16),
                            Integer.parseInt(matcher.group("epoch")),
                            Integer.parseInt(matcher.group("subtask")));
        } catch (IllegalArgumentException e) {
            // A number that no epoch can have.
            return Optional.empty();
        }
        return Optional.of(
                new StagedName(
                        text,
                        matcher.group("operator"),
                        matcher.group("submission"),
                        Long.parseLong(matcher.group("put")),
                        epoch,
                        Long.parseLong(matcher.group("checkpoint")),
                        matcher.group("prepared") != null,
                        matcher.group("note") != null));
    }
}
