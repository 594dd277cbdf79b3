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

package io.v3io.emulator.store;

/**
 * A change of what is stored, as a {@link Journal} sees it. Containers and paths name directories,
 * streams and objects; shards are named by their incarnation, a number that no other shard ever
 * has.
 */
public sealed interface Mutation {

    /** A directory was created. */
    record PutDirectory(String container, String path, long createdNanos) implements Mutation {}

    /** A stream was created, or has grown. */
    record PutStream(
            String container, String path, long createdNanos, int shardCount, int retentionHours)
            implements Mutation {}

    /**
     * An object, its content, and its attributes as JSON; content null leaves the stored content as
     * it is.
     */
    @SuppressWarnings("ArrayRecordComponent") // handed from one owner to the next, never compared
    record PutObject(
            String container,
            String path,
            long createdNanos,
            long mtimeNanos,
            String attributes,
            byte[] content)
            implements Mutation {}

    /** A directory, stream or object has gone. */
    record DeleteNode(String container, String path) implements Mutation {}

    /** What a shard is, without its records. */
    record PutShard(
            long incarnation,
            String container,
            String streamPath,
            int shardId,
            long firstSequence,
            int epoch,
            String numbering,
            long mtimeNanos,
            String attributes)
            implements Mutation {}

    /** New records at the end of a shard. */
    record AppendRecords(long incarnation, RecordChunk chunk) implements Mutation {}

    /** The records before the first remaining one have gone. */
    record TrimShard(long incarnation, long firstSequence) implements Mutation {}

    /** A shard and all of its records have gone. */
    record DeleteShard(long incarnation) implements Mutation {}
}
