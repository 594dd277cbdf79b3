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

import io.v3io.emulator.protocol.ApiError;
import io.v3io.emulator.protocol.ApiException;
import io.v3io.emulator.store.Journal;
import io.v3io.emulator.store.Mutation;
import io.v3io.emulator.store.StoredState;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.SQLiteConfig;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * A journal in SQLite. One thread writes; whatever was submitted while it wrote becomes its next
 * commit, so the more requests there are, the more of them share one commit.
 *
 * <p>The write-ahead log with {@code synchronous=NORMAL} hands every commit to the operating
 * system: it survives the death of the process at any moment. Only a crash of the machine can lose
 * the last commits, and never mixes up the database.
 */
public final class SqliteJournal implements Journal, StoredState {
    private static final Logger LOG = LoggerFactory.getLogger(SqliteJournal.class);
    private static final int MAX_MUTATIONS_PER_COMMIT = 10_000;

    /** A change and who waits for it; the change null ends the thread. */
    private record Entry(Mutation mutation, CompletableFuture<Void> safe) {}

    private final DataDirectory directory;
    private final Connection connection;
    private final SqliteTables tables;
    private final LinkedBlockingQueue<Entry> queue = new LinkedBlockingQueue<>();
    private final Thread writer = new Thread(this::write, "v3io-emulator-journal");

    /** Guards the order of the queue against the end, so that nothing is submitted after it. */
    private final Object lock = new Object();

    /** Guarded by {@link #lock}: why nothing can be kept any more, or null. */
    private ApiException ended;

    private SqliteJournal(DataDirectory directory, Connection connection, SqliteTables tables) {
        this.directory = directory;
        this.connection = connection;
        this.tables = tables;
        writer.setDaemon(true);
    }

    /**
     * Opens the journal of a data directory, which is made if need be. Call {@link #replay} and
     * then {@link #start}.
     *
     * @throws IOException when another emulator has it, or it cannot be used
     */
    public static SqliteJournal open(Path dataDir) throws IOException {
        DataDirectory directory = DataDirectory.take(dataDir);
        try {
            return open(directory);
        } catch (SQLException e) {
            directory.close();
            throw new IOException(
                    "the data directory " + dataDir + " cannot be used: " + e.getMessage(), e);
        }
    }

    private static SqliteJournal open(DataDirectory directory) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.NORMAL);
        Connection connection = config.createConnection("jdbc:sqlite:" + directory.database());
        try {
            SqliteTables tables = new SqliteTables(connection);
            connection.setAutoCommit(false);
            return new SqliteJournal(directory, connection, tables);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    @Override
    public void replay(Consumer<Mutation> mutations) {
        try {
            tables.replay(mutations);
            connection.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(
                    "the data directory cannot be read: " + e.getMessage(), e);
        }
    }

    /** Begins to write. */
    public void start() {
        writer.start();
    }

    @Override
    public boolean isKept() {
        return true;
    }

    @Override
    public CompletableFuture<Void> submit(Mutation mutation) {
        synchronized (lock) {
            if (ended != null) {
                return CompletableFuture.failedFuture(ended);
            }
            CompletableFuture<Void> safe = new CompletableFuture<>();
            queue.add(new Entry(mutation, safe));
            return safe;
        }
    }

    private void write() {
        List<Entry> batch = new ArrayList<>();
        boolean more = true;
        while (more) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                // Nobody but us knows this thread; the end comes through the queue.
                end("the journal was interrupted");
                failAll(batch);
                return;
            }
            queue.drainTo(batch, MAX_MUTATIONS_PER_COMMIT);
            more = batch.stream().noneMatch(entry -> entry.mutation() == null);
            try {
                for (Entry entry : batch) {
                    if (entry.mutation() != null) {
                        tables.apply(entry.mutation());
                    }
                }
                connection.commit();
            } catch (SQLException e) {
                LOG.error("The data directory cannot be written any more", e);
                end("the data directory cannot be written any more: " + e.getMessage());
                failAll(batch);
                return;
            }
            batch.forEach(entry -> entry.safe().complete(null));
            batch.clear();
        }
    }

    private void end(String why) {
        synchronized (lock) {
            if (ended == null) {
                ended = new ApiException(ApiError.INTERNAL, why);
            }
        }
    }

    private void failAll(List<Entry> batch) {
        queue.drainTo(batch);
        batch.forEach(entry -> entry.safe().completeExceptionally(ended()));
    }

    private ApiException ended() {
        synchronized (lock) {
            return ended;
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (ended == null) {
                ended = new ApiException(ApiError.INTERNAL, "the emulator is closing");
                queue.add(new Entry(null, new CompletableFuture<>()));
            }
        }
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            tables.close();
            connection.close();
            directory.close();
        } catch (SQLException | IOException e) {
            throw new IllegalStateException(
                    "the data directory cannot be closed: " + e.getMessage(), e);
        }
    }
}
