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

import io.v3io.client.model.PutRecord;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.sink.state.EpochRecords;
import io.v3io.flink.testing.EmulatedStreams;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;

import static org.assertj.core.api.Assertions.assertThat;

class EpochSourceTest {

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private final EmulatedStreams streams = PLATFORM.start();

    /** Who is woken up before looks too early, and then sleeps while there is something to send. */
    @Test
    void tellsOfAPartWhenItIsThere() throws Exception {
        EpochRecords.Encoder encoder = new EpochRecords.Encoder();
        encoder.add(0, 0, PutRecord.of(new byte[] {1}));
        byte[] bytes = encoder.take();
        streams.client().putObject("users", "staging/part", bytes).join();
        StreamPath words = streams.create("users/words", 1);
        Epoch epoch =
                new Epoch(
                        EpochId.first(0),
                        Epoch.NO_CHECKPOINT,
                        false,
                        0,
                        List.of(new Epoch.StreamFloor(words, new TreeMap<>())),
                        1,
                        List.of(
                                new Epoch.Part.Staged(
                                        "users",
                                        "staging/part",
                                        bytes.length,
                                        EpochStaging.crc(bytes))));
        CompletableFuture<Boolean> isHereWhenTold = new CompletableFuture<>();
        // The answer may come before the source that asks for it has noted that it did.
        CompletableFuture<Void> asked = new CompletableFuture<>();
        AtomicReference<EpochSource> told = new AtomicReference<>();
        EpochSource source =
                new EpochSource(
                        epoch,
                        streams.client(),
                        () -> {
                            CompletableFuture<Void> unused =
                                    asked.thenRun(
                                            () -> isHereWhenTold.complete(told.get().isNextHere()));
                        });
        told.set(source);

        source.isNextHere();
        asked.complete(null);

        assertThat(isHereWhenTold.join()).isTrue();
        assertThat(source.next()).hasSize(1);
        assertThat(source.hasNext()).isFalse();
    }
}
