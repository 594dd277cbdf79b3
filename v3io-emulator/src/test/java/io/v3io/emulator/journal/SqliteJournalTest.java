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

package io.v3io.emulator.journal;

import io.v3io.emulator.store.Mutation;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class SqliteJournalTest {
    @TempDir Path dataDir;

    private static Mutation directory(String path) {
        return new Mutation.PutDirectory("c", path, 1);
    }

    @Test
    void nothingIsAcknowledgedAfterAFailure() throws Exception {
        try (SqliteJournal journal = SqliteJournal.open(dataDir)) {
            journal.start();
            journal.submit(directory("first")).join();
            // A row that the tables refuse stands for a disk that is full.
            CompletableFuture<Void> refused =
                    journal.submit(new Mutation.PutDirectory(null, null, 1));
            assertThatThrownBy(refused::join)
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("cannot be written any more");
            assertThatThrownBy(journal.submit(directory("later"))::join)
                    .hasMessageContaining("cannot be written any more");
        }
        assertThat(stored()).containsExactly(directory("first"));
    }

    @Test
    void whatWasSubmittedBeforeTheEndIsKeptAndNothingAfter() throws Exception {
        SqliteJournal journal = SqliteJournal.open(dataDir);
        List<CompletableFuture<Void>> submitted = new ArrayList<>();
        List<Mutation> expected = new ArrayList<>();
        for (int i = 1000; i < 4000; i++) {
            expected.add(directory("d" + i));
            submitted.add(journal.submit(expected.get(expected.size() - 1)));
        }
        journal.start();
        journal.close();
        assertThat(submitted)
                .allMatch(future -> future.isDone() && !future.isCompletedExceptionally());
        assertThat(journal.submit(directory("late"))).isCompletedExceptionally();
        assertThat(stored()).isEqualTo(expected);
    }

    private List<Mutation> stored() throws Exception {
        List<Mutation> stored = new ArrayList<>();
        try (SqliteJournal journal = SqliteJournal.open(dataDir)) {
            journal.replay(stored::add);
        }
        return stored;
    }
}
