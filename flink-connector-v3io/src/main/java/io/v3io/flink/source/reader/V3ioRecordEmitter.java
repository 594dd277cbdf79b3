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

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.builder.SettingNames;
import io.v3io.flink.deadletter.DeadLetterWriter;
import io.v3io.flink.source.EndOfStreamException;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.V3ioSourceOptions;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.V3ioShardSplitState;

import org.apache.flink.annotation.Internal;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.connector.base.source.reader.RecordEmitter;
import org.apache.flink.util.Collector;
import org.apache.flink.util.FlinkRuntimeException;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import javax.annotation.Nullable;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Decodes a record, emits its elements with the record's arrival time, and only then advances the
 * checkpoint position. Called by the task's main thread, between whose calls a snapshot may be
 * taken: a record is in it wholly or not at all.
 *
 * @param <T> type of the elements
 */
@Internal
public final class V3ioRecordEmitter<T>
        implements RecordEmitter<FetchedRecord, T, V3ioShardSplitState> {

    private static final Logger LOG = LoggerFactory.getLogger(V3ioRecordEmitter.class);

    /** The 1st, 2nd, 4th, 8th dropped record and so on are logged. */
    private long droppedRecords;

    private final OpenedSchema<T> schema;
    private final V3ioSourceReaderMetrics metrics;
    private final TimestampingCollector<T> collector = new TimestampingCollector<>();
    @Nullable private final CollectedElements<T> collected;
    @Nullable private final DeadLetterWriter deadLetters;

    /**
     * An emitter that has emitted nothing.
     *
     * @param deadLetters takes the records that cannot be deserialized; null if nobody does
     */
    public V3ioRecordEmitter(
            OpenedSchema<T> schema,
            OnDeserializationFailure onFailure,
            V3ioSourceReaderMetrics metrics,
            @Nullable DeadLetterWriter deadLetters) {
        this.schema = schema;
        this.metrics = metrics;
        this.deadLetters = deadLetters;
        this.collected =
                onFailure == OnDeserializationFailure.FAIL
                        ? null
                        : new CollectedElements<>(copierOf(schema.producedType()));
    }

    /**
     * A schema may use one object for all its elements, which would change those that wait.
     *
     * @return null if elements cannot change
     */
    @Nullable
    private static <T> TypeSerializer<T> copierOf(TypeInformation<T> type) {
        TypeSerializer<T> serializer =
                type.createSerializer(new ExecutionConfig().getSerializerConfig());
        return serializer.isImmutableType() ? null : serializer;
    }

    @Override
    public void emitRecord(FetchedRecord fetched, SourceOutput<T> output, V3ioShardSplitState state)
            throws IOException {
        StreamRecord record = fetched.record();
        if (state.isCopy(record)) {
            metrics.copyDropped();
            state.advance(record, fetched.fetchedFrom());
            return;
        }
        collector.output = output;
        collector.timestampMillis = record.arrivalTimeMillis();
        if (collected == null) {
            emitOrFail(record);
        } else {
            emitOrLeaveOut(record);
        }
        state.advance(record, fetched.fetchedFrom());
    }

    private void emitOrFail(StreamRecord record) throws IOException {
        try {
            schema.deserialize(record, collector);
        } catch (IOException | RuntimeException e) {
            if (e == collector.outputFailure || e instanceof EndOfStreamException) {
                // A chained operator failed or was cancelled: not the record's fault.
                throw e;
            }
            // Without its cause, because SQL clients print nothing but the last one of a chain.
            LOG.error("{} could not be deserialized.", describe(record), e);
            throw new IOException(describe(record) + " could not be deserialized: " + reasons(e));
        }
    }

    /**
     * Copies of the elements wait until the whole record is read, so that a record that fails
     * half-way leaves nothing behind.
     */
    private void emitOrLeaveOut(StreamRecord record) throws IOException {
        collected.elements.clear();
        try {
            schema.deserialize(record, collected);
        } catch (EndOfStreamException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            if (e == collected.copyFailure) {
                throw e;
            }
            if (deadLetters != null) {
                deadLetters.add(record, e);
            }
            metrics.recordDropped();
            droppedRecords++;
            if (Long.bitCount(droppedRecords) == 1) {
                LOG.warn(
                        "{} could not be deserialized and {}, as chosen; {} so far by this reader.",
                        describe(record),
                        deadLetters == null ? "is dropped" : "goes to the dead-letter stream",
                        droppedRecords,
                        e);
            }
            schema.renew();
            return;
        }
        collected.elements.forEach(collector::collect);
    }

    /** Takes the records that cannot be deserialized; null if nobody does. */
    @Nullable
    DeadLetterWriter deadLetters() {
        return deadLetters;
    }

    /** Elements that were emitted so far. */
    long emittedElements() {
        return collector.emitted;
    }

    private static String describe(StreamRecord record) {
        return "The record with sequence number "
                + record.sequenceNumber()
                + " of shard "
                + record.shard()
                + " ("
                + record.data().length
                + " bytes of data)";
    }

    /** What a failure and its causes say, each once. */
    private static String reasons(Throwable failure) {
        StringBuilder reasons = new StringBuilder();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
            if (reasons.indexOf(reason) < 0) {
                reasons.append(reasons.isEmpty() ? "" : " / ").append(reason);
            }
        }
        return reasons.toString();
    }

    private static final class CollectedElements<T> implements Collector<T> {
        private final List<T> elements = new ArrayList<>();
        @Nullable private final TypeSerializer<T> copier;
        @Nullable private RuntimeException copyFailure;

        private CollectedElements(@Nullable TypeSerializer<T> copier) {
            this.copier = copier;
        }

        @Override
        public void collect(T element) {
            elements.add(copier == null ? element : copy(element));
        }

        private T copy(T element) {
            try {
                return copier.copy(element);
            } catch (RuntimeException e) {
                copyFailure =
                        new FlinkRuntimeException(
                                "An element of "
                                        + element.getClass()
                                        + " cannot be copied by the serializer of its type, which "
                                        + SettingNames.of(
                                                V3ioSourceOptions.ON_DESERIALIZATION_FAILURE)
                                        + " with "
                                        + SettingNames.of(OnDeserializationFailure.DROP)
                                        + " or "
                                        + SettingNames.of(OnDeserializationFailure.DEAD_LETTER)
                                        + " needs: elements of a record"
                                        + " wait until all of it has been deserialized. Give the deserializer another"
                                        + " produced type, or choose "
                                        + SettingNames.of(OnDeserializationFailure.FAIL)
                                        + ".",
                                e);
                throw copyFailure;
            }
        }

        @Override
        public void close() {
            // Nothing is held here.
        }
    }

    private static final class TimestampingCollector<T> implements Collector<T> {
        private SourceOutput<T> output;
        private long timestampMillis;
        private long emitted;
        @Nullable private RuntimeException outputFailure;

        @Override
        public void collect(T element) {
            try {
                output.collect(element, timestampMillis);
                emitted++;
            } catch (RuntimeException e) {
                outputFailure = e;
                throw e;
            }
        }

        @Override
        public void close() {
            // The output is the task's; nothing is held here.
        }
    }
}
