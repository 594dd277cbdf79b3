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
import io.v3io.emulator.store.RecordChunk;
import io.v3io.emulator.store.StoredState;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The tables of the database and how changes become rows. Used by one thread at a time; commits are
 * the caller's.
 */
final class SqliteTables implements AutoCloseable {
    private static final int VERSION = 2;
    private static final int INDEX_ENTRY_BYTES = Integer.BYTES + Long.BYTES;
    private static final String DIRECTORY = "directory";
    private static final String STREAM = "stream";
    private static final String OBJECT = "object";

    private static final String[] SCHEMA = {
        "CREATE TABLE IF NOT EXISTS nodes (container TEXT NOT NULL, path TEXT NOT NULL, kind TEXT NOT NULL,"
                + " created INTEGER NOT NULL, mtime INTEGER, shard_count INTEGER, retention_hours INTEGER,"
                + " attributes TEXT, content BLOB, PRIMARY KEY (container, path))",
        "CREATE TABLE IF NOT EXISTS shards (incarnation INTEGER PRIMARY KEY, container TEXT NOT NULL,"
                + " stream TEXT NOT NULL, shard INTEGER NOT NULL, first_sequence INTEGER NOT NULL,"
                + " epoch INTEGER NOT NULL, mtime INTEGER NOT NULL, attributes TEXT NOT NULL,"
                + " numbering TEXT NOT NULL)",
        // Sizes and arrival times of a chunk's records are in one blob: a row per record would cost
        // far more.
        "CREATE TABLE IF NOT EXISTS chunks (incarnation INTEGER NOT NULL, first_sequence INTEGER NOT NULL,"
                + " end_sequence INTEGER NOT NULL, record_index BLOB NOT NULL, json BLOB NOT NULL,"
                + " PRIMARY KEY (incarnation, first_sequence))",
        "PRAGMA user_version = " + VERSION
    };

    private final Connection connection;
    private final Map<String, PreparedStatement> statements = new HashMap<>();

    SqliteTables(Connection connection) throws SQLException {
        this.connection = connection;
        try (Statement statement = connection.createStatement()) {
            upgrade(statement, version(statement));
            for (String sql : SCHEMA) {
                statement.execute(sql);
            }
        }
    }

    private static int version(Statement statement) throws SQLException {
        try (ResultSet version = statement.executeQuery("PRAGMA user_version")) {
            version.next();
            return version.getInt(1);
        }
    }

    private static void upgrade(Statement statement, int version) throws SQLException {
        if (version > VERSION) {
            throw new SQLException("it was written by a newer version of the emulator");
        }
        if (version == 1) {
            statement.execute(
                    "ALTER TABLE shards ADD COLUMN numbering TEXT NOT NULL DEFAULT 'GAPLESS'");
        }
    }

    /** Writes one change. */
    void apply(Mutation mutation) throws SQLException {
        if (mutation instanceof Mutation.AppendRecords append) {
            RecordChunk chunk = append.chunk();
            update(
                    "INSERT OR REPLACE INTO chunks VALUES (?, ?, ?, ?, ?)",
                    append.incarnation(),
                    chunk.firstSequence(),
                    chunk.endSequence(),
                    index(chunk),
                    chunk.json());
        } else if (mutation instanceof Mutation.PutObject put) {
            putObject(put);
        } else if (mutation instanceof Mutation.PutShard put) {
            update(
                    "INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    put.incarnation(),
                    put.container(),
                    put.streamPath(),
                    put.shardId(),
                    put.firstSequence(),
                    put.epoch(),
                    put.mtimeNanos(),
                    put.attributes(),
                    put.numbering());
        } else if (mutation instanceof Mutation.TrimShard trim) {
            update(
                    "UPDATE shards SET first_sequence = ? WHERE incarnation = ?",
                    trim.firstSequence(),
                    trim.incarnation());
            update(
                    "DELETE FROM chunks WHERE incarnation = ? AND end_sequence <= ?",
                    trim.incarnation(),
                    trim.firstSequence());
        } else if (mutation instanceof Mutation.DeleteShard delete) {
            update("DELETE FROM chunks WHERE incarnation = ?", delete.incarnation());
            update("DELETE FROM shards WHERE incarnation = ?", delete.incarnation());
        } else if (mutation instanceof Mutation.PutStream put) {
            update(
                    "INSERT OR REPLACE INTO nodes (container, path, kind, created, shard_count, retention_hours)"
                            + " VALUES (?, ?, '"
                            + STREAM
                            + "', ?, ?, ?)",
                    put.container(),
                    put.path(),
                    put.createdNanos(),
                    put.shardCount(),
                    put.retentionHours());
        } else if (mutation instanceof Mutation.PutDirectory put) {
            update(
                    "INSERT OR REPLACE INTO nodes (container, path, kind, created) VALUES (?, ?, '"
                            + DIRECTORY
                            + "', ?)",
                    put.container(),
                    put.path(),
                    put.createdNanos());
        } else if (mutation instanceof Mutation.DeleteNode delete) {
            update(
                    "DELETE FROM nodes WHERE container = ? AND path = ?",
                    delete.container(),
                    delete.path());
        }
    }

    private void putObject(Mutation.PutObject put) throws SQLException {
        if (put.content() == null) {
            update(
                    "UPDATE nodes SET mtime = ?, attributes = ? WHERE container = ? AND path = ?",
                    put.mtimeNanos(),
                    put.attributes(),
                    put.container(),
                    put.path());
        } else {
            update(
                    "INSERT OR REPLACE INTO nodes (container, path, kind, created, mtime, attributes, content)"
                            + " VALUES (?, ?, '"
                            + OBJECT
                            + "', ?, ?, ?, ?)",
                    put.container(),
                    put.path(),
                    put.createdNanos(),
                    put.mtimeNanos(),
                    put.attributes(),
                    put.content());
        }
    }

    private void update(String sql, Object... parameters) throws SQLException {
        PreparedStatement statement = statements.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            statements.put(sql, statement);
        }
        for (int i = 0; i < parameters.length; i++) {
            statement.setObject(i + 1, parameters[i]);
        }
        statement.executeUpdate();
    }

    /** Plays everything that is stored, in the order that {@link StoredState} asks for. */
    void replay(Consumer<Mutation> mutations) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            replayNodes(statement, mutations);
            replayShards(statement, mutations);
            replayChunks(statement, mutations);
        }
    }

    private static void replayNodes(Statement statement, Consumer<Mutation> mutations)
            throws SQLException {
        // A parent's path is the beginning of its children's, so it comes first.
        try (ResultSet row =
                statement.executeQuery("SELECT * FROM nodes ORDER BY container, path")) {
            while (row.next()) {
                String container = row.getString("container");
                String path = row.getString("path");
                long created = row.getLong("created");
                String kind = row.getString("kind");
                mutations.accept(
                        switch (kind) {
                            case DIRECTORY -> new Mutation.PutDirectory(container, path, created);
                            case STREAM ->
                                    new Mutation.PutStream(
                                            container,
                                            path,
                                            created,
                                            row.getInt("shard_count"),
                                            row.getInt("retention_hours"));
                            case OBJECT ->
                                    new Mutation.PutObject(
                                            container,
                                            path,
                                            created,
                                            row.getLong("mtime"),
                                            row.getString("attributes"),
                                            row.getBytes("content"));
                            default -> throw new SQLException("unknown kind of node: " + kind);
                        });
            }
        }
    }

    private static void replayShards(Statement statement, Consumer<Mutation> mutations)
            throws SQLException {
        try (ResultSet row = statement.executeQuery("SELECT * FROM shards")) {
            while (row.next()) {
                mutations.accept(
                        new Mutation.PutShard(
                                row.getLong("incarnation"),
                                row.getString("container"),
                                row.getString("stream"),
                                row.getInt("shard"),
                                row.getLong("first_sequence"),
                                row.getInt("epoch"),
                                row.getString("numbering"),
                                row.getLong("mtime"),
                                row.getString("attributes")));
            }
        }
    }

    private static void replayChunks(Statement statement, Consumer<Mutation> mutations)
            throws SQLException {
        try (ResultSet row =
                statement.executeQuery(
                        "SELECT * FROM chunks ORDER BY incarnation, first_sequence")) {
            while (row.next()) {
                mutations.accept(
                        new Mutation.AppendRecords(
                                row.getLong("incarnation"),
                                chunk(
                                        row.getLong("first_sequence"),
                                        row.getBytes("record_index"),
                                        row.getBytes("json"))));
            }
        }
    }

    private static byte[] index(RecordChunk chunk) {
        ByteBuffer index = ByteBuffer.allocate(chunk.count() * INDEX_ENTRY_BYTES);
        for (int i = 0; i < chunk.count(); i++) {
            index.putInt(chunk.sizes()[i]).putLong(chunk.arrivals()[i]);
        }
        return index.array();
    }

    private static RecordChunk chunk(long firstSequence, byte[] index, byte[] json) {
        int count = index.length / INDEX_ENTRY_BYTES;
        int[] sizes = new int[count];
        long[] arrivals = new long[count];
        ByteBuffer entries = ByteBuffer.wrap(index);
        for (int i = 0; i < count; i++) {
            sizes[i] = entries.getInt();
            arrivals[i] = entries.getLong();
        }
        return new RecordChunk(firstSequence, sizes, arrivals, json);
    }

    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : statements.values()) {
            statement.close();
        }
    }
}
