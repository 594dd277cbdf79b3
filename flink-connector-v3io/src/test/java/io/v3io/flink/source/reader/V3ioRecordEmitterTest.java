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

import io.v3io.client.model.Location;
import io.v3io.client.model.ShardId;
import io.v3io.client.model.StreamPath;
import io.v3io.client.model.StreamRecord;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.V3ioDeserializationSchema;
import io.v3io.flink.source.metrics.ShardMetrics;
import io.v3io.flink.source.metrics.V3ioSourceReaderMetrics;
import io.v3io.flink.source.split.EmittedPosition;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.source.split.V3ioShardSplitState;
import io.v3io.flink.testing.CountedRequests;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.serialization.SimpleStringSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple1;
import org.apache.flink.connector.testutils.source.reader.TestingReaderOutput;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.groups.InternalSourceReaderMetricGroup;
import org.apache.flink.runtime.metrics.groups.UnregisteredMetricGroups;
import org.apache.flink.util.Collector;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class V3ioRecordEmitterTest {

    private static final ShardId SHARD = StreamPath.parse("users/words").shard(2);
    private static final Location LOCATION = new Location("here");

    private final V3ioShardSplitState state =
            new V3ioShardSplitState(
                    V3ioShardSplit.unbounded(SHARD, ShardStart.Earliest.INSTANCE),
                    new ShardMetrics());
    private final InternalSourceReaderMetricGroup metrics =
            InternalSourceReaderMetricGroup.mock(
                    UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup());
    private final V3ioRecordEmitter<String> emitter = emitter(OnDeserializationFailure.FAIL);

    @Test
    void emitsAllElementsWithTheArrivalTimeAndThenAdvances() throws IOException {
        TimestampedOutput output = new TimestampedOutput();

        emitter.emitRecord(fetched("some words here"), output, state);

        assertThat(output.getEmittedRecords()).containsExactly("some", "words", "here");
        assertThat(output.lastTimestampMillis).isEqualTo(1_700_000_000_123L);
        assertThat(state.toSplit().emitted())
                .isEqualTo(new EmittedPosition(17, 1_700_000_000L, 123_456_789, LOCATION));
    }

    @Test
    void aRecordWithoutElementsAdvancesToo() throws IOException {
        emitter.emitRecord(fetched(""), new TestingReaderOutput<>(), state);

        assertThat(state.toSplit().emitted().sequenceNumber()).isEqualTo(17);
    }

    @Test
    void aRecordThatCannotBeReadIsNamedAndDoesNotAdvance() {
        assertThatThrownBy(
                        () ->
                                emitter.emitRecord(
                                        fetched("refused"), new TestingReaderOutput<>(), state))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("sequence number 17 of shard users/words/2")
                .hasMessageContaining("7 bytes")
                .hasMessageEndingWith("could not be deserialized: not a word")
                .hasMessageNotContaining("refused")
                .hasNoCause();
        assertThat(state.toSplit().emitted()).isNull();
    }

    @Test
    void aFailureBehindTheSourceIsNotBlamedOnTheRecord() {
        IllegalStateException failure = new IllegalStateException("cancelled");
        TestingReaderOutput<String> output =
                new TestingReaderOutput<>() {
                    @Override
                    public void collect(String element, long timestamp) {
                        throw failure;
                    }
                };

        assertThatThrownBy(() -> emitter.emitRecord(fetched("word"), output, state))
                .isSameAs(failure);
    }

    @Test
    void aSkippedRecordLeavesNothingBehindIsCountedAndAdvances() throws IOException {
        TestingReaderOutput<String> output = new TestingReaderOutput<>();
        V3ioRecordEmitter<String> skipping = emitter(OnDeserializationFailure.DROP);

        skipping.emitRecord(fetched("half-way then-refused"), output, state);
        assertThat(output.getEmittedRecords()).isEmpty();
        assertThat(metrics.getNumRecordsInErrorsCounter().getCount()).isEqualTo(1);
        assertThat(state.toSplit().emitted().sequenceNumber()).isEqualTo(17);

        skipping.emitRecord(fetched("whole record"), output, state);
        assertThat(output.getEmittedRecords()).containsExactly("whole", "record");
    }

    @ParameterizedTest
    @EnumSource(OnDeserializationFailure.class)
    void elementsOfASchemaThatUsesOneObjectForAllAreEmittedAsTheyWere(
            OnDeserializationFailure onFailure) throws IOException {
        List<String> emitted = new ArrayList<>();
        TestingReaderOutput<Tuple1<String>> output =
                new TestingReaderOutput<>() {
                    @Override
                    public void collect(Tuple1<String> element, long timestamp) {
                        emitted.add(element.f0);
                    }
                };
        V3ioRecordEmitter<Tuple1<String>> reusing = emitter(new ReusedTuple(), onFailure);

        reusing.emitRecord(fetched("a b c"), output, state);
        reusing.emitRecord(fetched("d e"), output, state);

        assertThat(emitted).containsExactly("a", "b", "c", "d", "e");
    }

    @ParameterizedTest
    @EnumSource(OnDeserializationFailure.class)
    void anElementThatEndsTheStreamIsRefusedAndNotSkipped(OnDeserializationFailure onFailure)
            throws Exception {
        V3ioDeserializationSchema<String> schema =
                V3ioDeserializationSchema.dataOnly(new EndingSchema());
        schema.open(null);
        TestingReaderOutput<String> output = new TestingReaderOutput<>();
        V3ioRecordEmitter<String> emitter = emitter(schema, onFailure);
        emitter.emitRecord(fetched("go on"), output, state);

        assertThatThrownBy(() -> emitter.emitRecord(fetched("end"), output, state))
                .hasMessageContaining("isEndOfStream of " + EndingSchema.class.getName())
                .hasMessageContaining("stopping position");
        assertThat(output.getEmittedRecords()).containsExactly("go on");
        assertThat(metrics.getNumRecordsInErrorsCounter().getCount()).isZero();
    }

    private static final class EndingSchema extends SimpleStringSchema {
        private static final long serialVersionUID = 1L;

        @Override
        public boolean isEndOfStream(String nextElement) {
            return nextElement.equals("end");
        }
    }

    private static final class ReusedTuple implements V3ioDeserializationSchema<Tuple1<String>> {
        private static final long serialVersionUID = 1L;
        private final Tuple1<String> reused = new Tuple1<>();

        @Override
        public void deserialize(StreamRecord record, Collector<Tuple1<String>> out) {
            for (String word : new String(record.data(), StandardCharsets.UTF_8).split(" ", -1)) {
                reused.f0 = word;
                out.collect(reused);
            }
        }

        @Override
        public TypeInformation<Tuple1<String>> getProducedType() {
            return Types.TUPLE(Types.STRING);
        }
    }

    private V3ioRecordEmitter<String> emitter(OnDeserializationFailure onFailure) {
        return emitter(new Words(), onFailure);
    }

    private <T> V3ioRecordEmitter<T> emitter(
            V3ioDeserializationSchema<T> schema, OnDeserializationFailure onFailure) {
        return new V3ioRecordEmitter<>(
                opened(schema, onFailure),
                onFailure,
                V3ioSourceReaderMetrics.of(metrics, new CountedRequests(0, 0)),
                null);
    }

    private static <T> OpenedSchema<T> opened(
            V3ioDeserializationSchema<T> schema, OnDeserializationFailure onFailure) {
        try {
            return new OpenedSchema<>(
                    schema,
                    new DeserializationSchema.InitializationContext() {
                        @Override
                        public MetricGroup getMetricGroup() {
                            return UnregisteredMetricGroups.createUnregisteredOperatorMetricGroup();
                        }

                        @Override
                        public UserCodeClassLoader getUserCodeClassLoader() {
                            return SimpleUserCodeClassLoader.create(Words.class.getClassLoader());
                        }
                    },
                    onFailure);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static FetchedRecord fetched(String text) {
        return new FetchedRecord()
                .set(
                        new StreamRecord(
                                SHARD,
                                17,
                                1_700_000_000L,
                                123_456_789,
                                text.getBytes(StandardCharsets.UTF_8),
                                null,
                                null),
                        LOCATION);
    }

    private static final class TimestampedOutput extends TestingReaderOutput<String> {
        private long lastTimestampMillis;

        @Override
        public void collect(String element, long timestamp) {
            super.collect(element, timestamp);
            lastTimestampMillis = timestamp;
        }
    }

    private static final class Words implements V3ioDeserializationSchema<String> {
        private static final long serialVersionUID = 1L;

        /** What a decoder that has failed may still hold. */
        private transient String unread;

        @Override
        public void open(DeserializationSchema.InitializationContext context) {
            unread = "";
        }

        @Override
        public void deserialize(StreamRecord record, Collector<String> out) throws IOException {
            String text = unread + new String(record.data(), StandardCharsets.UTF_8);
            unread = text;
            if (text.equals("refused")) {
                throw new IOException("not a word");
            }
            for (String word : text.split(" ", -1)) {
                if (word.equals("then-refused")) {
                    throw new IllegalStateException("not a word");
                }
                if (!word.isEmpty()) {
                    out.collect(word);
                }
            }
            unread = "";
        }

        @Override
        public TypeInformation<String> getProducedType() {
            return Types.STRING;
        }
    }
}
