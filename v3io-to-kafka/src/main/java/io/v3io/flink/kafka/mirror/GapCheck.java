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

package io.v3io.flink.kafka.mirror;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.config.JobSettings.OnLoss;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.Position;
import io.v3io.flink.kafka.stream.ShardCursor;

import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.List;

/**
 * Whether the first record that comes for a partition follows the last one that the partition has.
 *
 * <p>The source notices what retention removes after the position of its checkpoint. But a
 * partition may be further than that: a job that failed before its first checkpoint begins with the
 * oldest record again, which may by then be one that was never copied.
 */
final class GapCheck {

    private static final Logger LOG = LoggerFactory.getLogger(GapCheck.class);

    private final MirrorSpec spec;

    GapCheck(MirrorSpec spec) {
        this.spec = spec;
    }

    void check(TopicPartition shard, Position copied, ShardRecord first)
            throws InterruptedException {
        Long start = spec.starts().get(shard);
        if (first.sequenceNumber <= copied.sequenceNumber() + 1
                || (start != null && start == first.sequenceNumber)
                || follows(copied, first)) {
            return;
        }
        String what =
                "Records of "
                        + name(shard)
                        + " are lost: record "
                        + copied.sequenceNumber()
                        + " was copied last, and the next one that the shard has is "
                        + first.sequenceNumber
                        + ". Retention has removed what was between them before it was copied.";
        if (spec.config().job().onDataLoss() == OnLoss.FAIL) {
            throw new MirrorException(
                    what + " To go on without it, set 'job.on-data-loss: continue'.");
        }
        LOG.warn("{} Going on, as 'job.on-data-loss: continue' says.", what);
    }

    /** How messages name a shard, of which only the partition is known here. */
    static String name(TopicPartition shard) {
        return "shard " + shard.partition() + " of the stream of topic " + shard.topic();
    }

    /** The platform may leave out numbers: then the one record follows the other all the same. */
    private boolean follows(Position copied, ShardRecord first) throws InterruptedException {
        StreamMapping mapping = spec.config().streams().get(first.mapping);
        ShardId shard = mapping.path().shard(first.shard);
        try (V3ioClient client = spec.config().v3io().client()) {
            ShardCursor cursor = ShardCursor.at(client, shard, copied.sequenceNumber());
            // One at a time: a request for two may be answered by one.
            List<StreamRecord> before = cursor.next(1);
            List<StreamRecord> after = cursor.next(1);
            return !before.isEmpty()
                    && before.get(0).sequenceNumber() == copied.sequenceNumber()
                    && !after.isEmpty()
                    && after.get(0).sequenceNumber() == first.sequenceNumber;
        }
    }
}
