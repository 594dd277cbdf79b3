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

package io.v3io.emulator;

import java.nio.charset.StandardCharsets;
import java.time.Duration;

/**
 * Everything the emulator had to decide for itself because no public document says it (API page,
 * section 9). Where public evidence allows several behaviours that a client notices, the choice is
 * a {@link DialectSetting} instead.
 *
 * <p>Clients must not depend on anything here: the platform may differ. The rest of the emulator
 * refers to this class instead of repeating a decision, so that one file shows them all. Decisions
 * that are no constants:
 *
 * <ul>
 *   <li><b>GetItem on an unborn shard</b> answers 404 {@code No such file or directory}. A shard id
 *       that the stream does not have is {@code ShardIDOutOfRangeException}.
 *   <li><b>Seek SEQUENCE to a number in a gap</b> is as to the one after the newest record: a
 *       reader that goes on after a record cannot know the next number.
 *   <li><b>Seek TIME</b> is inclusive: the first record with an arrival time at or after the base
 *       time; later than the newest record means the end of the shard.
 *   <li><b>A location of the end of a shard</b> stays valid while the shard lives, and sees what
 *       comes later. A location dies when the record that it points to has been removed, when its
 *       shard or stream is deleted, and by {@code expireLocations}. It survives a restart on the
 *       same data directory.
 *   <li><b>Retention</b> is exact to the nanosecond and applied per shard when new records arrive
 *       in that shard. Sequence numbers go on after all records have been removed.
 *   <li><b>A deleted shard object</b> is unborn again: its next record gets sequence number 1, its
 *       locations are dead.
 *   <li><b>Unfit requests fail</b> with {@code InvalidArgumentException}, whole or one record by
 *       the dialect. A shard id outside the stream always fails alone.
 *   <li><b>The 10 MB of one GetRecords answer</b> are counted on the rendered JSON of its records.
 *   <li><b>Round robin</b> goes over the shards of a stream, one record after the other, and goes
 *       on across requests.
 *   <li><b>Basic authentication</b>: any user; the password must be the access key.
 *   <li><b>{@code +}</b> is a literal plus, in paths and in query parameters; clients
 *       percent-encode spaces.
 *   <li><b>Repeated slashes</b> count as one; {@code .} and {@code ..} segments and control
 *       characters are refused.
 *   <li><b>A prefix</b> of a listing names a directory, with or without a trailing slash; a listing
 *       shows one level. {@code ShardCount}, {@code RetentionPeriodHours}, {@code Size}, {@code
 *       LastSequenceId} and {@code LastModified} are always there; {@code prefix-info=1} adds the
 *       rest. The root of a container always exists.
 *   <li><b>Directories</b> spring into existence with the first thing stored in them, and stay
 *       until deleted; a directory that is not empty (for a stream: born shards or objects in it)
 *       cannot be deleted: 409.
 *   <li><b>Numbers as object names inside a stream</b> are reserved for shards; PutObject and
 *       PutItem cannot create them.
 *   <li><b>PutItem without an {@code UpdateMode}</b> replaces all user attributes; attributes that
 *       the system owns cannot be put. {@code *} of GetItem returns whatever PutItem stored, {@code
 *       **} adds the system attributes.
 *   <li><b>In conditions</b> a comparison with an absent attribute, or between different types, is
 *       false.
 *   <li><b>DescribeStream of something that is no stream</b> answers {@code
 *       ResourceNotStreamException}.
 *   <li><b>CreateStream</b> over any existing directory or object answers {@code
 *       ResourceInUseException}.
 *   <li><b>UpdateStream</b> beyond 4,096 shards answers {@code InvalidArgumentException}.
 *   <li><b>An empty partition key</b> is a key like any other.
 *   <li><b>Reading a shard object or a directory with GET</b> answers 403 {@code Operation not
 *       permitted}.
 * </ul>
 */
public final class Assumptions {

    /** Status of {@code ResourceInUseException}. */
    public static final int RESOURCE_IN_USE_STATUS = 409;

    /** Status of {@code ResourceIsnotStream} and {@code ResourceNotStreamException}. */
    public static final int NOT_A_STREAM_STATUS = 400;

    /** Status of an illegal location. */
    public static final int ILLEGAL_LOCATION_STATUS = 400;

    /**
     * Symbolic name of an illegal location: the one that v3io-go has seen, which contains the
     * documented one.
     */
    public static final String ILLEGAL_LOCATION_NAME = "IllegalLocationException";

    /** Error code of {@code InvalidShardCountException}. */
    public static final int INVALID_SHARD_COUNT_CODE = -201326595;

    /** Error code of {@code ResourceInUseException}. */
    public static final int RESOURCE_IN_USE_CODE = -201326596;

    /** Error code of {@code ResourceNotFoundException}. */
    public static final int RESOURCE_NOT_FOUND_CODE = -201326597;

    /** Error code of {@code ResourceIsnotStream} and {@code ResourceNotStreamException}. */
    public static final int NOT_A_STREAM_CODE = -201326598;

    /** Error code of an illegal location. */
    public static final int ILLEGAL_LOCATION_CODE = -201326599;

    /**
     * Error code of a record that a fault failed with a name that is none of the published ones.
     */
    public static final int INJECTED_RECORD_FAILURE_CODE = -201326600;

    /** Message of a PutItem whose condition did not hold; only its code is published. */
    public static final String FALSE_CONDITION_NAME = "False condition";

    /** Status of a delete of a directory that is not empty. */
    public static final int DIRECTORY_NOT_EMPTY_STATUS = 409;

    /** {@code __obj_type} of a plain object; that of a shard, 3, is published. */
    public static final int OBJECT_TYPE_PLAIN = 1;

    /** {@code __obj_type} of a directory. */
    public static final int OBJECT_TYPE_DIRECTORY = 2;

    /**
     * The location in the public clients' recorded GetRecords requests. It came from a platform
     * whose history nobody has; read as the oldest record of the shard, the recorded requests get
     * an answer. No Seek and no GetRecords of this emulator returns it.
     */
    public static final String RECORDED_LOCATION = "AQAAAAAAAAAAAAAAAAAAAA==";

    /** A megabyte of the published limits, in bytes. */
    public static final int MEGABYTE = 1 << 20;

    /** Most bytes of a plain object, and of any other request body that has no published limit. */
    public static final int MAX_BODY_BYTES = 64 * MEGABYTE;

    /** Longest retention period: one leap year. */
    public static final int MAX_RETENTION_HOURS = 366 * 24;

    /** Retention in chunks removes so many records of a shard at once. */
    public static final int RETENTION_CHUNK_RECORDS = 16;

    /**
     * A platform that stores records twice by itself does so with one batch of a shard in so many.
     */
    public static final int DUPLICATION_ODDS = 8;

    /** A request of unknown fate that lands does so within this time. */
    public static final Duration LATEST_LANDING = Duration.ofSeconds(2);

    /** Entries of a listing when {@code max-keys} is absent. */
    public static final int DEFAULT_MAX_KEYS = 1000;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Assumptions() {}

    /**
     * The shard of a partition key: jump consistent hashing (Lamping, Veach, 2014) of a 64-bit hash
     * of its UTF-8 bytes.
     *
     * <p>When the shard count grows, a key either keeps its shard or moves to one of the new
     * shards, never to another old one, as API page section 3 asks; and the result depends on
     * nothing but key and count.
     *
     * @param shardCount at least 1
     */
    public static int shardOfPartitionKey(String partitionKey, int shardCount) {
        long key = hash(partitionKey);
        long shard = -1;
        long next = 0;
        while (next < shardCount) {
            shard = next;
            key = key * 2862933555777941757L + 1;
            next = (long) ((shard + 1) * ((double) (1L << 31) / ((key >>> 33) + 1)));
        }
        return (int) shard;
    }

    private static long hash(String partitionKey) {
        long hash = FNV_OFFSET;
        for (byte b : partitionKey.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xff)) * FNV_PRIME;
        }
        // FNV alone spreads short keys poorly over the high bits that the jump uses.
        hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
        hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
        return hash ^ (hash >>> 33);
    }
}
