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

import io.v3io.client.V3ioClient;
import io.v3io.client.model.StreamPath;
import io.v3io.flink.sink.state.Epoch;
import io.v3io.flink.sink.state.EpochId;
import io.v3io.flink.testing.TestPlatform;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

import static org.assertj.core.api.Assertions.assertThat;

/** How long staged objects stay. */
@Timeout(60)
class EpochStagingTest {

    private static final StreamPath STREAM = StreamPath.parse("users/me/orders");
    private static final StreamPath DIRECTORY = StreamPath.parse("users/me/staging");
    private static final int RETENTION_HOURS = 24;
    private static final String SUBMISSION = "00112233445566778899aabbccddeeff";
    private static final String ANOTHER = "ffeeddccbbaa99887766554433221100";

    @RegisterExtension static final TestPlatform PLATFORM = TestPlatform.withoutCluster();

    private final V3ioClient client = PLATFORM.start().client();
    private final AtomicLong clock = new AtomicLong(1_700_000_000_000L);

    @BeforeEach
    void createStream() {
        client.createStream(STREAM, 1, RETENTION_HOURS).join();
    }

    @Test
    void anObjectOfAnotherSubmissionIsAsOldAsItselfAndNotAsItsWriter() {
        EpochId epoch = EpochId.first(0);
        EpochStaging writer = staging(SUBMISSION, epoch);
        pass(Duration.ofDays(10));
        writer.put(epoch, 99, 0, true, new byte[] {1}).join();
        pass(Duration.ofMinutes(1));

        removeLeftovers(staging(ANOTHER, EpochId.first(0)));
        assertThat(objects()).hasSize(1);

        pass(Duration.ofHours(RETENTION_HOURS));
        removeLeftovers(staging(ANOTHER, EpochId.first(0)));
        assertThat(objects()).isEmpty();
    }

    /** None of them is of use without the others. */
    @Test
    void objectsOfAnotherSubmissionAreAsOldAsTheYoungestOfTheirEpoch() {
        EpochId epoch = EpochId.first(0);
        EpochStaging writer = staging(SUBMISSION, epoch);
        writer.put(epoch, 99, 0, false, new byte[] {1}).join();
        pass(Duration.ofHours(RETENTION_HOURS));
        pass(Duration.ofMinutes(1));
        // It is still being written.
        writer.put(epoch, 99, 1, false, new byte[] {1}).join();
        pass(Duration.ofMinutes(1));
        removeLeftovers(staging(ANOTHER, EpochId.first(0)));
        assertThat(objects()).hasSize(2);

        writer.put(epoch, 99, 2, true, new byte[] {1}).join();
        writer.put(epoch.next(), 100, 0, true, new byte[] {1}).join();
        pass(Duration.ofHours(RETENTION_HOURS));
        removeLeftovers(staging(ANOTHER, EpochId.first(0)));
        assertThat(objects()).hasSize(4);

        pass(Duration.ofMinutes(1));
        removeLeftovers(staging(ANOTHER, EpochId.first(0)));
        assertThat(objects()).isEmpty();
    }

    @Test
    void aNoteIsAsOldAsTheYoungestObjectOfItsEpoch() {
        EpochId id = EpochId.first(0);
        EpochStaging writer = staging(SUBMISSION, id);
        List<Epoch.Part> parts = new ArrayList<>();
        parts.add(writer.put(id, 99, 0, false, new byte[] {1}).join());
        pass(Duration.ofHours(RETENTION_HOURS));
        pass(Duration.ofMinutes(1));
        parts.add(writer.put(id, 99, 1, true, new byte[] {1}).join());
        Epoch epoch = new Epoch(id, 99, false, clock.get(), List.of(), 2, parts);
        EpochStaging.note(client, epoch).join();
        EpochStaging.remove(client, parts).join();

        removeLeftovers(staging(SUBMISSION, EpochId.first(0)));
        assertThat(EpochStaging.hasNote(client, epoch).join()).isTrue();

        pass(Duration.ofHours(RETENTION_HOURS));
        pass(Duration.ofMinutes(1));
        removeLeftovers(staging(SUBMISSION, EpochId.first(0)));
        assertThat(objects()).isEmpty();
    }

    /** A savepoint may hold it, whatever the job was restored from. */
    @Test
    void objectsOfThisSubmissionGoAtOnceUntilTheirEpochIsPrepared() {
        EpochId epoch = EpochId.first(0);
        EpochStaging writer = staging(SUBMISSION, epoch);
        writer.put(epoch, 99, 0, false, new byte[] {1}).join();
        writer.put(epoch, 99, 1, true, new byte[] {1}).join();
        List<String> prepared = objects();
        writer.put(epoch.next(), 100, 0, false, new byte[] {1}).join();
        writer.put(epoch.next(), 100, 1, false, new byte[] {1}).join();

        removeLeftovers(staging(SUBMISSION, EpochId.first(0)));

        assertThat(objects()).containsExactlyInAnyOrderElementsOf(prepared);
        pass(Duration.ofHours(RETENTION_HOURS));
        pass(Duration.ofMinutes(1));
        removeLeftovers(staging(SUBMISSION, EpochId.first(0)));
        assertThat(objects()).isEmpty();
    }

    /** It is slow, and was replaced before it could look. */
    @Test
    void anAttemptThatWasReplacedLeavesWhatTheNextOneIsWriting() {
        EpochStaging replaced = staging(SUBMISSION, EpochId.first(0));
        pass(Duration.ofMillis(1));
        EpochId epoch = EpochId.first(0);
        staging(SUBMISSION, epoch).put(epoch, -1, 0, false, new byte[] {1}).join();

        removeLeftovers(replaced);
        assertThat(objects()).hasSize(1);

        removeLeftovers(staging(SUBMISSION, EpochId.first(0)));
        assertThat(objects()).isEmpty();
    }

    private EpochStaging staging(String submission, EpochId first) {
        return new EpochStaging(
                client,
                DIRECTORY,
                new StagingOwner("0123456789abcdef", submission, first.subtask(), first.lineage()),
                clock::get);
    }

    private static void removeLeftovers(EpochStaging staging) {
        staging.removeLeftovers(1, OptionalLong.empty(), List.of(STREAM)).join();
    }

    private List<String> objects() {
        return client.listObjects(DIRECTORY.container(), DIRECTORY.path()).join();
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toMillis());
    }
}
