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

import io.v3io.flink.kafka.record.RecordFormat;
import io.v3io.flink.kafka.record.ShardRecord;
import io.v3io.flink.kafka.state.Position;
import io.v3io.flink.kafka.state.StateTopic;

import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordTooLargeException;

import javax.annotation.Nullable;

import java.time.Duration;

/**
 * Copies one shard. Used by one thread at a time; records are acknowledged on the producer's own
 * thread.
 */
final class ShardProducer implements AutoCloseable {

    /** Its topic and the number of the shard. */
    private final TopicPartition shard;

    private final RecordFormat format;
    private final StateTopic state;
    private final Producer<byte[], byte[]> producer;

    /** How far it was copied when it was taken over; null if nothing was copied before. */
    @Nullable private final Position takenOver;

    private final GapCheck gapCheck;

    /** The last record that was sent, or was there before; 0 before the first one. */
    private long last;

    private long lastArrivalTimeNanos;
    private boolean inTransaction;
    private boolean checkedFirst;

    /** Written by the producer's thread. */
    @Nullable private volatile Exception failure;

    ShardProducer(
            TopicPartition shard,
            RecordFormat format,
            StateTopic state,
            Producer<byte[], byte[]> producer,
            @Nullable Position takenOver,
            GapCheck gapCheck) {
        this.shard = shard;
        this.format = format;
        this.state = state;
        this.producer = producer;
        this.takenOver = takenOver;
        this.gapCheck = gapCheck;
        this.last = takenOver == null ? 0 : takenOver.sequenceNumber();
    }

    /**
     * Sends a record, unless it was copied before.
     *
     * @return whether it was sent
     */
    boolean write(ShardRecord record) throws InterruptedException {
        if (takenOver != null) {
            if (!checkedFirst) {
                gapCheck.check(shard, takenOver, record);
                checkedFirst = true;
            }
            if (record.sequenceNumber == takenOver.sequenceNumber()) {
                checkSame(record, takenOver);
            }
        }
        if (record.sequenceNumber <= last) {
            return false;
        }
        throwFailure();
        if (!inTransaction) {
            producer.beginTransaction();
            inTransaction = true;
        }
        send(format.toKafka(record));
        last = record.sequenceNumber;
        lastArrivalTimeNanos = record.arrivalTimeNanos();
        return true;
    }

    private void checkSame(ShardRecord record, Position copied) {
        if (record.arrivalTimeNanos() != copied.arrivalTimeNanos()) {
            throw new MirrorException(
                    "Record "
                            + record.sequenceNumber
                            + " of "
                            + GapCheck.name(shard)
                            + " is not the one that was copied: it arrived at another time. The stream was deleted and"
                            + " created again; mirror it into a topic of its own.");
        }
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        var unused =
                producer.send(
                        record,
                        (metadata, e) -> {
                            if (e != null && failure == null) {
                                failure = e;
                            }
                        });
    }

    private void throwFailure() {
        Exception seen = failure;
        if (seen instanceof RecordTooLargeException) {
            throw new MirrorException(
                    "A record of "
                            + GapCheck.name(shard)
                            + ", up to number "
                            + last
                            + ", is larger than the topic takes. Raise max.message.bytes of topic "
                            + shard.topic()
                            + " and start the mirror again. Kafka says: "
                            + seen.getMessage());
        }
        if (seen != null) {
            throw new KafkaException(
                    "The copy of " + GapCheck.name(shard) + " could not be written.", seen);
        }
    }

    /** Whether there is something to commit. */
    boolean inTransaction() {
        return inTransaction;
    }

    /** Commits what was sent, with the position that it leads to; returns once it is committed. */
    void commit() {
        send(state.record(shard, new Position(last, lastArrivalTimeNanos)));
        try {
            producer.commitTransaction();
        } catch (KafkaException e) {
            // What a record has failed with says more than that the transaction cannot be
            // committed.
            throwFailure();
            throw e;
        }
        throwFailure();
        inTransaction = false;
    }

    /**
     * Leaves a transaction that is open to the next writer, which ends it: what it holds is read
     * again.
     */
    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
