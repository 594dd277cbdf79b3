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

package io.v3io.flink.sink.state;

import org.apache.flink.annotation.Internal;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/**
 * Names one epoch of one writer, and with an index each record of it: the tag that goes into the
 * client info of the record, by which a committer finds out whether it is stored.
 *
 * <p>A tag has the 16 bytes that client info may have: lineage (6), number of the epoch (4),
 * subtask (2), index of the record (4), big-endian. Every attempt of a writer draws a lineage of
 * its own. So no tag is ever used for two records, also when a job goes back to an old savepoint
 * and counts its epochs once more.
 *
 * @param lineage random, 48 bits
 * @param number of the epoch within its lineage
 * @param subtask index of the writer, below 65,536
 */
@Internal
public record EpochId(long lineage, int number, int subtask) {

    public static final int TAG_BYTES = 16;

    static final int LINEAGE_BITS = 48;

    private static final int SUBTASK_BITS = 16;
    private static final int INDEX_POSITION = 12;

    public EpochId {
        if (lineage < 0 || lineage >>> LINEAGE_BITS != 0) {
            throw new IllegalArgumentException("A lineage has 48 bits, not " + lineage + ".");
        }
        if (subtask < 0 || subtask >>> SUBTASK_BITS != 0) {
            throw new IllegalArgumentException("Subtask " + subtask + " is beyond 65535.");
        }
    }

    /** The first epoch of an attempt of a writer, whose lineage is drawn. */
    public static EpochId first(int subtask) {
        // The upper bits are as random as the lower ones.
        return new EpochId(
                new SecureRandom().nextLong() >>> (Long.SIZE - LINEAGE_BITS), 0, subtask);
    }

    public EpochId next() {
        return new EpochId(lineage, Math.addExact(number, 1), subtask);
    }

    /** The tag of the record with this index. */
    public byte[] tag(int index) {
        return ByteBuffer.allocate(TAG_BYTES).putLong(head()).putInt(tail()).putInt(index).array();
    }

    /** Whether this client info is the tag of one of the epoch's records. */
    public boolean isTag(byte[] clientInfo) {
        if (clientInfo == null || clientInfo.length != TAG_BYTES) {
            return false;
        }
        ByteBuffer tag = ByteBuffer.wrap(clientInfo);
        return tag.getLong() == head() && tag.getInt() == tail();
    }

    /** Returns which record of its epoch has this tag, from 0 on. */
    public static int index(byte[] tag) {
        return ByteBuffer.wrap(tag).getInt(INDEX_POSITION);
    }

    private long head() {
        return lineage << 16 | number >>> 16;
    }

    private int tail() {
        return number << 16 | subtask;
    }

    /** As it stands in errors and logs. */
    @Override
    public String toString() {
        return String.format("%012x-%d-%d", lineage, number, subtask);
    }
}
