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

package io.v3io.flink.source.reader;

import io.v3io.client.model.ShardId;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.source.OnDataLoss;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;

import org.apache.flink.annotation.Internal;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.time.Instant;

/** What is done about records that are gone: the user's choice, carried out loudly. Thread-safe. */
@Internal
final class DataLoss {

    private static final Logger LOG = LoggerFactory.getLogger(DataLoss.class);

    private final OnDataLoss choice;
    private final V3ioSourceReaderMetrics metrics;

    DataLoss(OnDataLoss choice, V3ioSourceReaderMetrics metrics) {
        this.choice = choice;
        this.metrics = metrics;
    }

    /** Where to go on: {@link OnDataLoss#EARLIEST} or {@link OnDataLoss#LATEST}. */
    OnDataLoss choice() {
        return choice;
    }

    /**
     * Takes note of a loss.
     *
     * @param firstMissing number of the first record that is gone
     * @param firstAvailable number of the first one that the shard still has, or will have next
     * @param passedThrough the last number that is passed over, if the user chose to go on
     * @param hasGaps whether the platform leaves out numbers in this shard
     * @throws FlinkRuntimeException unless the user chose to go on
     */
    void report(
            ShardId shard,
            long firstMissing,
            long firstAvailable,
            long passedThrough,
            boolean hasGaps) {
        String what =
                "Records of shard "
                        + shard
                        + " are lost: the next one to read has sequence number "
                        + firstMissing
                        + ", but the first one that the shard still has is "
                        + firstAvailable
                        + " ("
                        + (firstAvailable - firstMissing)
                        + " sequence numbers are missing"
                        + (hasGaps
                                ? "; the platform leaves out numbers in this shard, so that some of them, or all, may never"
                                        + " have been there"
                                : "")
                        + "). Retention has removed them before this job could read them.";
        if (choice == OnDataLoss.FAIL) {
            throw new FlinkRuntimeException(
                    what
                            + " To go on without them, use "
                            + SettingNames.of(V3ioSourceOptions.ON_DATA_LOSS, OnDataLoss.EARLIEST)
                            + " or "
                            + SettingNames.of(OnDataLoss.LATEST)
                            + "; to avoid it, make the job faster or the stream's retention period"
                            + " longer.");
        }
        metrics.dataLost();
        LOG.warn(
                "{} Going on with the {} record, as chosen: {} sequence numbers are passed over, the next one is {}.",
                what,
                choice,
                passedThrough - firstMissing + 1,
                passedThrough + 1);
    }

    /**
     * Takes note that a shard is not read from its oldest record on, because that is removed faster
     * than it can be asked for.
     *
     * @param deaths how many locations have died
     * @param time from which on it is read
     * @param first number of the first record that arrived then
     */
    void passedOver(ShardId shard, int deaths, Instant time, long first) {
        metrics.dataLost();
        LOG.warn(
                "Retention removes the oldest records of shard {} before they can be read ({} locations have died in a"
                        + " row). It is read from {} on, which is sequence number {}; older records that it still has are"
                        + " passed over.",
                shard,
                deaths,
                time,
                first);
    }
}
