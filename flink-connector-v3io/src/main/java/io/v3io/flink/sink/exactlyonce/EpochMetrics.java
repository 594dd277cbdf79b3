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

import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.writer.SinkMetrics;

import org.apache.flink.annotation.Internal;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;

import java.util.function.LongSupplier;

/**
 * The metrics of one committer, beside Flink's own ({@code pendingCommittables} and so on). Full
 * names: {@code <operator>.v3io.recordsToCommit} and so on.
 */
@Internal
public final class EpochMetrics {

    /** Records of the epoch that is committed now which are not known to be stored. */
    static final String RECORDS_TO_COMMIT = "recordsToCommit";

    /** Milliseconds since the epoch that is committed now was prepared; 0 when there is none. */
    static final String OLDEST_EPOCH_MILLIS = "oldestEpochMillis";

    /** Epochs committed. */
    static final String EPOCHS_COMMITTED = "epochsCommitted";

    /** Epochs that an earlier attempt of the job had left stored in part. */
    static final String EPOCHS_RESUMED = "epochsResumed";

    /** Records that were found stored, so that a copy of them was avoided. */
    static final String RECORDS_FOUND_STORED = "recordsFoundStored";

    /** How often the streams were read to find out what is stored. */
    static final String LOOKS = "looks";

    /** Milliseconds after which the slowest request of unknown fate took effect, as seen so far. */
    static final String LONGEST_LANDING_MILLIS = "longestLandingMillis";

    private final SinkMetrics sinkMetrics;
    private final Counter epochsCommitted;
    private final Counter epochsResumed;
    private final Counter recordsFoundStored;
    private final Counter looks;
    private volatile long recordsToCommit;
    private volatile long preparedAtMillis;
    private volatile long longestLandingMillis;

    /**
     * The metrics of a committer.
     *
     * @param sinkMetrics those that it has in common with a writer
     */
    EpochMetrics(MetricGroup metrics, SinkMetrics sinkMetrics, LongSupplier clockMillis) {
        this.sinkMetrics = sinkMetrics;
        MetricGroup group = metrics.addGroup(SinkMetrics.GROUP);
        this.epochsCommitted = group.counter(EPOCHS_COMMITTED);
        this.epochsResumed = group.counter(EPOCHS_RESUMED);
        this.recordsFoundStored = group.counter(RECORDS_FOUND_STORED);
        this.looks = group.counter(LOOKS);
        group.gauge(RECORDS_TO_COMMIT, () -> recordsToCommit);
        group.gauge(LONGEST_LANDING_MILLIS, () -> longestLandingMillis);
        group.gauge(
                OLDEST_EPOCH_MILLIS,
                () -> preparedAtMillis == 0 ? 0 : clockMillis.getAsLong() - preparedAtMillis);
    }

    void began(Epoch epoch) {
        preparedAtMillis = epoch.preparedAtMillis();
        recordsToCommit = epoch.recordCount();
    }

    /** An earlier attempt of the job has stored some of the records, and not all. */
    void resumed() {
        epochsResumed.inc();
    }

    void recordsLeft(long records) {
        recordsToCommit = records;
    }

    void foundStored(int records) {
        recordsFoundStored.inc(records);
    }

    /** Records come after later ones of their key or shard from now on. */
    void overtaken(int records) {
        sinkMetrics.overtaken(records);
    }

    void looked() {
        looks.inc();
    }

    /** A request of unknown fate had taken effect this long after it was sent. */
    void landedAfter(long millis) {
        longestLandingMillis = Math.max(longestLandingMillis, millis);
    }

    void committed() {
        epochsCommitted.inc();
        preparedAtMillis = 0;
        recordsToCommit = 0;
    }
}
