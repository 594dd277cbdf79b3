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

import io.v3io.client.RetryPolicy;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Fault;
import io.v3io.emulator.Operation;
import io.v3io.flink.deadletter.DeadLetterWriter;
import io.v3io.flink.source.OnDeserializationFailure;
import io.v3io.flink.source.V3ioDeserializationSchema;
import io.v3io.flink.source.V3ioSource;
import io.v3io.flink.source.split.ShardStart;
import io.v3io.flink.source.split.V3ioShardSplit;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;
import io.v3io.flink.testing.UndecodableRecords;

import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.connector.testutils.source.reader.TestingReaderContext;
import org.apache.flink.connector.testutils.source.reader.TestingReaderOutput;
import org.apache.flink.core.io.InputStatus;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.List;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class DeadLettersOfAReaderTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final String LETTERS = "users/me/letters";

    private final TestingReaderOutput<String> output =
            new TestingReaderOutput<>() {
                @Override
                public void markActive() {
                    // As every output can.
                }
            };
    private EmulatedStreams streams;
    private StreamPath words;
    private SourceReader<String, V3ioShardSplit> reader;

    @BeforeEach
    void start() throws Exception {
        streams = PLATFORM.start();
        words = streams.create("users/me/words", 1);
        streams.create(LETTERS, 1);
        reader =
                V3ioSource.<String>builder()
                        .setEndpoint(streams.endpoint())
                        .setAccessKey(EmulatedStreams.ACCESS_KEY)
                        .configureClient(
                                client ->
                                        client.setRetryPolicy(
                                                new RetryPolicy(
                                                        100,
                                                        Duration.ofSeconds(30),
                                                        Duration.ofMillis(1),
                                                        Duration.ofMillis(20))))
                        .setStream("users/me/words")
                        .setOnDeserializationFailure(OnDeserializationFailure.DEAD_LETTER)
                        .setDeadLetterStream(LETTERS)
                        .setDeserializer(
                                V3ioDeserializationSchema.dataOnly(new UndecodableRecords()))
                        .build()
                        .createReader(new TestingReaderContext());
    }

    @AfterEach
    void stop() throws Exception {
        reader.close();
        streams.close();
    }

    private void put(String... texts) {
        for (String text : texts) {
            streams.putAll(words, List.of(PutRecord.of(text.getBytes(UTF_8)).withShardId(0)));
        }
    }

    private long letters() {
        return streams.emulator().stream(LETTERS).recordCount();
    }

    private void pollUntilEmitted(int elements) throws Exception {
        while (output.getEmittedRecords().size() < elements) {
            reader.isAvailable().get();
            reader.pollNext(output);
        }
    }

    /** The position in it is after the record, so the record never comes again. */
    @Test
    void aSnapshotWaitsForDeadLetters() throws Exception {
        put("a", "bad 1", "b");
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .path("letters")
                                .respond(503, "text/html", "busy")
                                .times(5));
        reader.start();
        reader.addSplits(
                List.of(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)));
        pollUntilEmitted(2);

        List<V3ioShardSplit> snapshot = reader.snapshotState(1);

        assertThat(letters()).isEqualTo(1);
        assertThat(snapshot.get(0).emitted().sequenceNumber()).isEqualTo(3);
        assertThat(output.getEmittedRecords()).containsExactly("a", "b");
    }

    @Test
    void aSnapshotFailsWhenDeadLettersCannotBeStored() throws Exception {
        put("bad 1", "b");
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .path("letters")
                                .respond(
                                        403,
                                        "application/json",
                                        "{\"ErrorCode\":-13,\"ErrorMessage\":\"Permission denied\"}"));
        reader.start();
        reader.addSplits(
                List.of(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)));
        assertThatThrownBy(
                        () -> {
                            pollUntilEmitted(1);
                            reader.snapshotState(1);
                        })
                .hasMessageContaining("Dead letters cannot be stored in stream users/me/letters")
                .hasMessageContaining("setDeadLetterStream (in SQL 'scan.dead-letter.stream')");

        // Whoever only waits for records hears of it, too.
        reader.isAvailable().get();
        assertThatThrownBy(() -> reader.pollNext(output))
                .hasMessageContaining("Dead letters cannot be stored");
    }

    @Test
    void aBoundedReaderEndsWhenItsDeadLettersAreStored() throws Exception {
        put("a", "bad 1");
        streams.emulator()
                .faults()
                .add(
                        Fault.on(Operation.PUT_RECORDS)
                                .path("letters")
                                .respond(503, "text/html", "busy")
                                .times(30));
        reader.start();
        reader.addSplits(
                List.of(V3ioShardSplit.bounded(words.shard(0), ShardStart.Earliest.INSTANCE, 2)));
        reader.notifyNoMoreSplits();
        InputStatus status = InputStatus.MORE_AVAILABLE;
        while (status != InputStatus.END_OF_INPUT) {
            reader.isAvailable().get();
            status = reader.pollNext(output);
        }

        assertThat(letters()).isEqualTo(1);
        assertThat(output.getEmittedRecords()).containsExactly("a");
    }

    @Test
    void undecodableRecordsAloneMakeBackpressure() throws Exception {
        byte[] large = new byte[900_000];
        large[0] = 'b';
        large[1] = 'a';
        large[2] = 'd';
        for (int i = 0; i < 40; i++) {
            streams.putAll(words, List.of(PutRecord.of(large).withShardId(0)));
        }
        put("a");
        long before = UndecodableRecords.REFUSED.get();
        Fault slow = Fault.on(Operation.PUT_RECORDS).path("letters").latency(Duration.ofSeconds(2));
        streams.emulator().faults().add(slow.times(1));
        reader.start();
        reader.addSplits(
                List.of(V3ioShardSplit.unbounded(words.shard(0), ShardStart.Earliest.INSTANCE)));
        long refused = 0;
        long letters = 0;
        int polls = 0;
        InputStatus status = InputStatus.NOTHING_AVAILABLE;
        while (output.getEmittedRecords().isEmpty()) {
            // As Flink does: it asks nothing while there is more.
            if (status != InputStatus.MORE_AVAILABLE) {
                reader.isAvailable().get();
            }
            letters = letters();
            polls++;
            status = reader.pollNext(output);
            refused = UndecodableRecords.REFUSED.get() - before;
            // Of two parts each; one record may come on top of the bound.
            assertThat((refused - 1 - letters / 2) * 900_000)
                    .isLessThan(DeadLetterWriter.MAX_PENDING_BYTES);
        }

        assertThat(refused).isEqualTo(40);
        // Nothing spins while there is no room.
        assertThat(polls).isLessThan(1_000);
        reader.snapshotState(1);
        assertThat(letters()).isEqualTo(80);
    }

    /** From a checkpoint, which goes on with streams that are not set any more. */
    @Test
    void theStreamOfDeadLettersIsNotRead() {
        assertThatThrownBy(
                        () ->
                                reader.addSplits(
                                        List.of(
                                                V3ioShardSplit.unbounded(
                                                        StreamPath.parse(LETTERS).shard(0),
                                                        ShardStart.Earliest.INSTANCE))))
                .hasMessageContaining("users/me/letters is read, as the checkpoint says")
                .hasMessageContaining("scan.dead-letter.stream");
    }
}
