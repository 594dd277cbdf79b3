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

package io.v3io.flink.kafka.verify;

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.config.StreamMapping;
import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.Verified;
import io.v3io.flink.kafka.verify.Difference.Kind;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

import javax.annotation.Nullable;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Compares a shard with its partition, record by record, in the order of the partition. What the
 * partition has and the shard has not any more, because retention has removed it, cannot be
 * compared and is counted apart; so are numbers that neither has. Not thread-safe.
 */
final class ShardComparison {

    private final StreamMapping mapping;
    private final int shard;
    private final RecordFormat format;
    private final ShardReader reader;
    private final RollingHash hash;

    /** The number of the last record of the partition. */
    private long last;

    private long offset;

    /** Where keys decide on partitions: where the copies of this shard go on in each of them. */
    private final SortedMap<Integer, Long> offsets;

    private long records;
    private long unprovable;
    private long lost;

    /**
     * A comparison that goes on after what was compared.
     *
     * @param partitions how many the topic has
     */
    ShardComparison(
            StreamMapping mapping, int partitions, int shard, Verified from, ShardReader reader) {
        this.mapping = mapping;
        this.shard = shard;
        this.reader = reader;
        format = new RecordFormat(mapping, partitions);
        hash = new RollingHash(from.hash());
        last = from.sequenceNumber();
        offset = from.offset();
        records = from.records();
        unprovable = from.unprovable();
        lost = from.lost();
        offsets = from.offsets() == null ? new TreeMap<>() : new TreeMap<>(from.offsets());
    }

    Verified verified() {
        return new Verified(
                last,
                offset,
                records,
                hash.hexadecimal(),
                unprovable,
                lost,
                mapping.isByKey() ? new TreeMap<>(offsets) : null);
    }

    /** Compares the next record of the partition; the difference that it makes, or null. */
    @Nullable
    Difference compare(ConsumerRecord<byte[], byte[]> here) throws InterruptedException {
        Origin origin = Origin.of(here).orElse(null);
        if (origin == null
                || origin.shard() != shard
                || !origin.stream().equals(mapping.stream())) {
            return difference(
                    Kind.EXTRA,
                    0,
                    here,
                    mapping.isByKey()
                            ? "is not a copy of a record of the stream"
                            : "is not a copy of a record of this shard");
        }
        long number = origin.sequenceNumber();
        if (number <= last) {
            return difference(
                    Kind.OUT_OF_ORDER, number, here, "comes after record " + last + ", or again");
        }
        StreamRecord there = reader.peek();
        if (there != null && there.sequenceNumber() < number) {
            return difference(
                    Kind.MISSING,
                    there.sequenceNumber(),
                    here,
                    "is not in the " + copy() + ", which goes on with record " + number);
        }
        if (there == null || there.sequenceNumber() > number) {
            if (!reader.isGone(number)) {
                return difference(
                        Kind.EXTRA,
                        number,
                        here,
                        "is not in the shard, which still has older ones");
            }
            countGap(number);
            unprovable++;
        } else {
            Difference changed = changed(there, here, origin);
            if (changed != null) {
                return changed;
            }
            if (!reader.isNextAdjacent()) {
                countGap(number);
            }
            reader.take();
            records++;
            hash.add(
                    number,
                    origin.arrivalTimeNanos(),
                    here.key(),
                    here.value(),
                    Origin.clientInfo(here));
        }
        last = number;
        if (mapping.isByKey()) {
            offsets.put(here.partition(), here.offset() + 1);
        } else {
            offset = here.offset() + 1;
        }
        return null;
    }

    /**
     * Numbers between two records of the partition: the platform may never have given them away;
     * but if retention has come that far, nobody can tell.
     */
    private void countGap(long number) throws InterruptedException {
        if (last > 0 && number > last + 1 && reader.isGone(last)) {
            lost += number - last - 1;
        }
    }

    @Nullable
    private Difference changed(
            StreamRecord there, ConsumerRecord<byte[], byte[]> here, Origin origin) {
        ShardRecord record = new ShardRecord(0, there);
        String what = null;
        if (record.arrivalTimeNanos() != origin.arrivalTimeNanos()) {
            what = "arrived at another time";
        } else if (record.arrivalTimeMillis() != here.timestamp()) {
            what = "has another timestamp";
        } else if (!Arrays.equals(there.data(), here.value())) {
            what = "has other data";
        } else if (!Arrays.equals(format.key(there.partitionKey(), there.data()), here.key())) {
            what = "has another key";
        } else if (!Arrays.equals(there.clientInfo(), Origin.clientInfo(here))) {
            what = "has other client info";
        } else if (format.partition(shard, here.key()) != here.partition()) {
            what = "is not in the partition of its key";
        }
        return what == null ? null : difference(Kind.CHANGED, origin.sequenceNumber(), here, what);
    }

    /**
     * After the last record of the partition: what the shard has up to a number is missing.
     *
     * @param newest that number
     * @param copied number of the last record that was copied: later ones are not missing but to
     *     come
     */
    @Nullable
    Difference missingUpTo(long newest, long copied) throws InterruptedException {
        StreamRecord there = reader.peek();
        if (there == null || there.sequenceNumber() > newest) {
            return null;
        }
        boolean isToCome = there.sequenceNumber() > copied;
        return new Difference(
                isToCome ? Kind.NOT_COPIED : Kind.MISSING,
                there.sequenceNumber(),
                offset,
                "Record "
                        + there.sequenceNumber()
                        + (mapping.isByKey()
                                ? " (topic " + mapping.topic() + ")"
                                : " (partition "
                                        + new TopicPartition(mapping.topic(), shard)
                                        + ", offset "
                                        + offset
                                        + ")")
                        + " is not in the "
                        + copy()
                        + (isToCome ? " yet" : "")
                        + ", which ends with record "
                        + last
                        + ".");
    }

    /** What should have all of the shard. */
    private String copy() {
        return mapping.isByKey() ? "topic" : "partition";
    }

    private static Difference difference(
            Kind kind, long number, ConsumerRecord<byte[], byte[]> here, String what) {
        return new Difference(
                kind,
                number,
                here.offset(),
                (number == 0 ? "The record" : "Record " + number)
                        + " (partition "
                        + new TopicPartition(here.topic(), here.partition())
                        + ", offset "
                        + here.offset()
                        + ") "
                        + what
                        + ".");
    }
}
