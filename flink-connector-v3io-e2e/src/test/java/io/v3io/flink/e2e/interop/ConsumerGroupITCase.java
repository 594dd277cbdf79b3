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

package io.v3io.flink.e2e.interop;

import io.v3io.client.V3ioClient;
import io.v3io.client.model.PutRecord;
import io.v3io.client.model.PutResult;
import io.v3io.client.model.StreamPath;
import io.v3io.emulator.Operation;
import io.v3io.emulator.V3ioEmulator;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import static io.v3io.flink.e2e.interop.GoMember.await;
import static org.assertj.core.api.Assertions.assertThat;

/** Consumer groups as v3io-go runs them, and with it Nuclio, lose nothing. */
@Timeout(240)
class ConsumerGroupITCase {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private static final String GROUP = "functions";

    @RegisterExtension static final InteropWorld WORLD = new InteropWorld("groups");

    @Test
    void aFourthMemberTakesOverWhereAKilledOneWas() {
        StreamPath stream = WORLD.createStream("takeover", 6);
        String[] flags = {"-replicas", "3", "-timeout", "4s"};
        try (GoMember first = WORLD.startMember(stream, GROUP, "first", flags);
                GoMember second = WORLD.startMember(stream, GROUP, "second", flags);
                GoMember third = WORLD.startMember(stream, GROUP, "third", flags)) {
            Set<Integer> left = second.awaitShards();
            Set<Integer> shards = new TreeSet<>(left);
            shards.addAll(first.awaitShards());
            shards.addAll(third.awaitShards());
            assertThat(shards).containsExactly(0, 1, 2, 3, 4, 5);

            put(WORLD.java(), stream, 0, 600);
            await("the second has some").until(() -> second.records().size() >= 20);
            second.kill();
            try (GoMember fourth = WORLD.startMember(stream, GROUP, "fourth", flags)) {
                assertThat(fourth.awaitShards()).isEqualTo(left);
                put(WORLD.java(), stream, 600, 1_200);

                awaitAll(stream, 1_200, first, second, third, fourth);
                awaitCommitted(stream);

                // Those who stayed got every record once, the fourth what was not committed.
                assertThat(places(first, third)).doesNotHaveDuplicates();
                assertThat(places(fourth)).doesNotHaveDuplicates();
                assertThat(places(first, second, third, fourth)).hasSizeLessThan(1_800);
            }
        }
    }

    @Test
    void membersGoOnWhenTheServerWasKilledAndComesBack() {
        StreamPath stream = WORLD.createStream("restart", 4);
        String[] flags = {"-replicas", "2", "-timeout", "30s"};
        try (GoMember first = WORLD.startMember(stream, GROUP, "first", flags);
                GoMember second = WORLD.startMember(stream, GROUP, "second", flags)) {
            first.awaitShards();
            second.awaitShards();
            put(WORLD.java(), stream, 0, 600);
            await("some are read").until(() -> first.records().size() >= 20);

            WORLD.emulator().kill();
            WORLD.emulator().restart();

            put(WORLD.java(), stream, 600, 1_200);
            awaitAll(stream, 1_200, first, second);
            awaitCommitted(stream);
            assertThat(places(first, second)).doesNotHaveDuplicates();
        }
    }

    @Test
    void membersFindTheirWayWhenLocationsDie() throws Exception {
        StreamPath stream = WORLD.createStream("locations", 2);
        try (GoMember member = WORLD.startMember(stream, GROUP, "member")) {
            member.awaitShards();
            put(WORLD.java(), stream, 0, 200);
            awaitAll(stream, 200, member);

            WORLD.control().expireLocations(stream);
            put(WORLD.java(), stream, 200, 400);

            // v3io-go begins at the oldest record again; what counts is that nothing is missing.
            awaitAll(stream, 400, member);
            awaitCommitted(stream);
        }
    }

    /** On an emulator in this process, which tells how often it was asked. */
    @Test
    void aMemberThatStartsWithTheLatestGetsTheFirstRecordsOfShardsThatWereNotBorn() {
        StreamPath stream = InteropWorld.stream("unborn");
        try (EmulatedStreams streams = PLATFORM.start(e -> e.accessKey(InteropWorld.ACCESS_KEY))) {
            V3ioEmulator emulator = streams.emulator();
            V3ioClient java = streams.client();
            java.createStream(stream, 2, 24).join();
            put(java, stream, List.of(record("old").withShardId(0)));
            // A heartbeat every 60 s: it is the shard that is asked for again and again.
            try (GoMember member =
                    WORLD.startMember(
                            emulator.endpoint(),
                            stream,
                            GROUP,
                            "latest",
                            "-latest",
                            "-timeout",
                            "600s")) {
                assertThat(member.awaitShards()).containsExactly(0, 1);
                await("the member waits for the unborn shard")
                        .until(() -> emulator.requestCount(Operation.GET_ITEM) > 12);
                await("the member reads the other one")
                        .until(
                                () -> {
                                    put(java, stream, List.of(record("new").withShardId(0)));
                                    return !member.records().isEmpty();
                                });

                put(java, stream, List.of(record("first").withShardId(1)));
                put(java, stream, List.of(record("second").withShardId(1)));

                await("it has both")
                        .until(
                                () ->
                                        member.records().stream()
                                                .filter(record -> record.shard() == 1)
                                                .map(RecordLine::text)
                                                .toList()
                                                .equals(List.of("first", "second")));
                assertThat(member.records()).extracting(RecordLine::text).doesNotContain("old");
            }
        }
    }

    private static PutRecord record(String data) {
        return PutRecord.of(data.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes records that are numbered, in turn to all shards. */
    private static void put(V3ioClient java, StreamPath stream, int from, int to) {
        int shards = java.describeStream(stream).join().shardCount();
        put(
                java,
                stream,
                IntStream.range(from, to)
                        .mapToObj(
                                number ->
                                        record(Integer.toString(number))
                                                .withShardId(number % shards))
                        .toList());
    }

    private static void put(V3ioClient java, StreamPath stream, List<PutRecord> records) {
        assertThat(java.putRecords(stream, records).join())
                .allMatch(result -> result instanceof PutResult.Stored);
    }

    /** Waits until the members together have all records, each in order and without a gap. */
    private static void awaitAll(StreamPath stream, int count, GoMember... members) {
        await("all records are read")
                .until(
                        () -> {
                            Set<String> seen = new HashSet<>();
                            for (GoMember member : members) {
                                member.records().forEach(record -> seen.add(record.text()));
                            }
                            return seen.size() == count;
                        });
        Map<Integer, List<Long>> stored = new TreeMap<>();
        for (RecordLine record : WORLD.go("read", stream, List.of())) {
            stored.computeIfAbsent(record.shard(), shard -> new ArrayList<>())
                    .add(record.sequence());
        }
        for (GoMember member : members) {
            Map<Integer, Long> last = new TreeMap<>();
            for (RecordLine record : member.records()) {
                Long previous = last.put(record.shard(), record.sequence());
                List<Long> all = stored.get(record.shard());
                if (previous != null && record.sequence() > all.get(0)) {
                    assertThat(all.indexOf(record.sequence()))
                            .as("the one after %s in shard %s", previous, record.shard())
                            .isEqualTo(all.indexOf(previous) + 1);
                }
            }
        }
    }

    private static void awaitCommitted(StreamPath stream) {
        Map<Integer, Long> newest = WORLD.newest(stream);
        await("all is committed").until(() -> WORLD.committed(stream, GROUP).equals(newest));
    }

    private static List<String> places(GoMember... members) {
        return Stream.of(members)
                .flatMap(member -> member.records().stream())
                .map(record -> record.shard() + "/" + record.sequence())
                .toList();
    }
}
