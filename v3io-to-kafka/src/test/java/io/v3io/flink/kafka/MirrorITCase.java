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

package io.v3io.flink.kafka;

import io.v3io.client.model.StreamRecord;
import io.v3io.flink.kafka.record.Origin;
import io.v3io.flink.kafka.testing.CommandRun;
import io.v3io.flink.kafka.testing.Migration;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

@Timeout(180)
class MirrorITCase {

    private Migration migration;

    @BeforeEach
    void start() throws Exception {
        migration = Migration.start();
    }

    @AfterEach
    void end() {
        migration.close();
    }

    private CommandRun mirror(String yaml) throws Exception {
        return CommandLines.run(yaml, "mirror", "--until-end");
    }

    private static List<String> numbered(String prefix, int from, int to) {
        return IntStream.range(from, to).mapToObj(i -> prefix + i).toList();
    }

    @Test
    void everyRecordIsCopiedOnceWithAllItsPartsAndARestartGoesOn() throws Exception {
        migration.createStream(3);
        migration.put(0, "a", 0, 900);
        migration.put(2, "c", 0, 10);

        CommandRun first = mirror(migration.yaml());

        assertThat(first.err()).isEmpty();
        assertThat(first.code()).isZero();
        assertThat(first.out())
                .contains("copied up to 910")
                .contains("lag 0")
                .contains("Everything that was in the streams at the start is copied.");
        assertThat(migration.committedData())
                .containsExactly(numbered("a", 0, 900), List.of(), numbered("c", 0, 10));
        checkParts();

        migration.put(0, "a", 900, 50);
        migration.put(1, "b", 0, 20);
        CommandRun second = mirror(migration.yaml());

        assertThat(second.code()).as(second.err()).isZero();
        assertThat(migration.committedData())
                .containsExactly(numbered("a", 0, 950), numbered("b", 0, 20), numbered("c", 0, 10));
        checkParts();

        // Nothing new: nothing is written.
        assertThat(mirror(migration.yaml()).code()).isZero();
        assertThat(migration.committedData().get(0)).hasSize(950);
    }

    private void checkParts() throws Exception {
        List<List<ConsumerRecord<byte[], byte[]>>> all = migration.committed();
        for (int shard = 0; shard < all.size(); shard++) {
            List<StreamRecord> records = migration.records(shard);
            assertThat(all.get(shard)).hasSameSizeAs(records);
            for (int i = 0; i < records.size(); i++) {
                StreamRecord there = records.get(i);
                ConsumerRecord<byte[], byte[]> here = all.get(shard).get(i);
                Origin origin = Origin.of(here).orElseThrow();
                assertThat(origin.stream()).isEqualTo(Migration.STREAM.toString());
                assertThat(origin.shard()).isEqualTo(shard);
                assertThat(origin.sequenceNumber()).isEqualTo(there.sequenceNumber());
                assertThat(origin.arrivalTimeNanos())
                        .isEqualTo(
                                there.arrivalTimeSeconds() * 1_000_000_000L
                                        + there.arrivalTimeNanos());
                assertThat(here.timestamp()).isEqualTo(there.arrivalTimeMillis());
                assertThat(Origin.clientInfo(here)).isEqualTo(there.clientInfo());
                assertThat(here.key())
                        .isEqualTo(
                                there.partitionKey() == null
                                        ? null
                                        : there.partitionKey().getBytes(UTF_8));
                assertThat(here.value()).isEqualTo(there.data());
            }
        }
    }

    @Test
    void aStreamThatGrewGetsPartitions() throws Exception {
        migration.createStream(1);
        migration.put(0, "a", 0, 10);
        assertThat(mirror(migration.yaml()).code()).isZero();

        migration.client().updateStream(Migration.STREAM, 3).join();
        migration.put(2, "c", 0, 10);
        CommandRun grown = mirror(migration.yaml());

        assertThat(grown.code()).as(grown.out() + grown.err()).isZero();
        assertThat(migration.committedData())
                .containsExactly(numbered("a", 0, 10), List.of(), numbered("c", 0, 10));
    }

    @Test
    void aStreamThatWasCreatedAgainIsRefused() throws Exception {
        migration.createStream(1);
        migration.put(0, "a", 0, 10);
        assertThat(mirror(migration.yaml()).code()).isZero();

        migration.client().deleteStream(Migration.STREAM).join();
        migration.createStream(1);
        migration.put(0, "a", 0, 5);
        CommandRun fewer = mirror(migration.yaml());
        migration.put(0, "a", 5, 20);
        CommandRun more = mirror(migration.yaml());

        assertThat(fewer.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(fewer.out())
                .contains("STREAM_CREATED_AGAIN")
                .contains("the newest record there is 5");
        assertThat(more.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(more.out()).contains("record 10 there arrived at another time");
        assertThat(migration.committedData()).containsExactly(numbered("a", 0, 10));
    }

    @Test
    void recordsThatRetentionTookStopTheMirrorUnlessTheUserDecidesOtherwise() throws Exception {
        migration.createStream(1);
        migration.put(0, "a", 0, 10);
        assertThat(mirror(migration.yaml()).code()).isZero();
        migration.put(0, "a", 10, 10);

        // Only what was copied is gone: nothing is lost.
        migration.emulator().trimShard(Migration.STREAM.toString(), 0, 11);
        assertThat(mirror(migration.yaml()).code()).isZero();

        migration.put(0, "a", 20, 10);
        migration.emulator().trimShard(Migration.STREAM.toString(), 0, 26);
        CommandRun refused = mirror(migration.yaml());
        assertThat(refused.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(refused.out())
                .contains("RECORDS_LOST")
                .contains("was copied up to record 20, and the oldest one that it still has is 26")
                .contains("up to 5 records");
        assertThat(migration.committedData()).containsExactly(numbered("a", 0, 20));

        CommandRun goesOn =
                mirror(migration.yaml().replace("job:\n", "job:\n  on-data-loss: continue\n"));
        assertThat(goesOn.code()).as(goesOn.out() + goesOn.err()).isZero();
        assertThat(migration.committedData().get(0))
                .startsWith("a0")
                .containsSequence("a19", "a25", "a26")
                .hasSize(25);
    }

    @Test
    void aTopicOfAnotherMirrorAndOneThatWasDeletedAreRefused() throws Exception {
        migration.createStream(1);
        migration.put(0, "a", 0, 10);
        assertThat(mirror(migration.yaml()).code()).isZero();

        CommandRun other = mirror(migration.yaml().replaceFirst("mirror: .*", "mirror: other"));
        assertThat(other.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(other.out()).contains("OTHER_MIRROR");

        migration.deleteTopic();
        CommandRun deleted = mirror(migration.yaml());
        assertThat(deleted.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(deleted.out()).contains("COPY_LOST").contains("was deleted");

        migration.createTopic(1, Map.of("max.message.bytes", "3000000", "retention.ms", "-1"));
        CommandRun made = mirror(migration.yaml());
        assertThat(made.code()).isEqualTo(ExitCode.REFUSED);
        assertThat(made.out())
                .contains("COPY_LOST")
                .contains("Record 10 was committed to partition " + migration.partition(0));
    }
}
