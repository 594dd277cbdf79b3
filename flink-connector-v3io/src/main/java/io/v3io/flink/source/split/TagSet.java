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

package io.v3io.flink.source.split;

/**
 * A set of tags, each of 128 bits. It is asked for each record, so it makes no objects: tags that
 * follow each other, as those of one writer do, share a slot in which each has its bit, and such
 * slots are neighbours in the table.
 *
 * <p>A slot is half a line of a cache. What costs are the lines that are in none, so it has bits
 * for more tags than one word would: a shard has only some of the tags that a writer gives. More
 * words still would be lost memory where a writer has thousands of shards, and each tag a slot.
 *
 * <p>Not thread-safe.
 */
final class TagSet {

    /**
     * A slot is the high half of its tags, the low half without the bit's number, and two words of
     * bits.
     */
    private static final int SLOT = 4;

    private static final int PREFIX = 1;
    private static final int BITS = 2;
    private static final int MORE_BITS = 3;

    private static final int BIT_NUMBER = 7;
    private static final int BIT_OF_WORD_NUMBER = 6;

    /** Set in each prefix, so that 0 is a free slot. */
    private static final long IS_PREFIX = Long.MIN_VALUE;

    private static final int NEIGHBOURS_NUMBER = 2;
    private static final int NEIGHBOURS = 1 << NEIGHBOURS_NUMBER;

    private static final int MIN_SLOTS = 16;

    private long[] table = new long[MIN_SLOTS * SLOT];
    private int mask = MIN_SLOTS - 1;
    private int used;

    /** Where the tags were that came and went last, at which the next ones mostly are. */
    private int lastAdded;

    private int lastRemoved;

    /** Whether the tag was not there before. */
    boolean add(long high, long low) {
        int at = find(high, prefix(low), lastAdded);
        if (table[at + PREFIX] == 0) {
            if (used > mask / 2) {
                grow();
                at = find(high, prefix(low), 0);
            }
            table[at] = high;
            table[at + PREFIX] = prefix(low);
            used++;
        }
        lastAdded = at;
        int bits = at + bits(low);
        long bit = 1L << low;
        if ((table[bits] & bit) != 0) {
            return false;
        }
        table[bits] |= bit;
        return true;
    }

    /** Takes out a tag that is there. */
    void remove(long high, long low) {
        int at = find(high, prefix(low), lastRemoved);
        lastRemoved = at;
        table[at + bits(low)] &= ~(1L << low);
        if ((table[at + BITS] | table[at + MORE_BITS]) == 0) {
            free(at / SLOT);
            used--;
        }
    }

    private static long prefix(long low) {
        return (low >>> BIT_NUMBER) | IS_PREFIX;
    }

    /** Where in a slot the word is that has the bit of a tag. */
    private static int bits(long low) {
        return (low >>> BIT_OF_WORD_NUMBER & 1) == 0 ? BITS : MORE_BITS;
    }

    /**
     * The place of the slot with this prefix, or the free one into which it is to be put.
     *
     * @param guess where it may be
     */
    private int find(long high, long prefix, int guess) {
        if (table[guess + PREFIX] == prefix && table[guess] == high) {
            return guess;
        }
        int slot = home(high, prefix);
        int at = slot * SLOT;
        while (table[at + PREFIX] != 0 && (table[at + PREFIX] != prefix || table[at] != high)) {
            slot = (slot + 1) & mask;
            at = slot * SLOT;
        }
        return at;
    }

    /** The slot from which on a prefix is looked for. */
    private int home(long high, long prefix) {
        long hash = high * 0xC2B2AE3D27D4EB4FL + (prefix >>> NEIGHBOURS_NUMBER);
        hash *= 0x9E3779B97F4A7C15L;
        hash ^= hash >>> 32;
        int group = (int) ((hash * 0x9E3779B97F4A7C15L) >>> 32);
        return ((group << NEIGHBOURS_NUMBER) | ((int) prefix & (NEIGHBOURS - 1))) & mask;
    }

    /** Moves slots that follow into the gap, as long as they are not found without that. */
    private void free(int slot) {
        int gap = slot;
        for (int next = (gap + 1) & mask;
                table[next * SLOT + PREFIX] != 0;
                next = (next + 1) & mask) {
            int home = home(table[next * SLOT], table[next * SLOT + PREFIX]);
            if (((next - home) & mask) >= ((next - gap) & mask)) {
                System.arraycopy(table, next * SLOT, table, gap * SLOT, SLOT);
                gap = next;
            }
        }
        table[gap * SLOT] = 0;
        table[gap * SLOT + PREFIX] = 0;
        table[gap * SLOT + BITS] = 0;
        table[gap * SLOT + MORE_BITS] = 0;
    }

    private void grow() {
        long[] old = table;
        table = new long[2 * old.length];
        mask = 2 * mask + 1;
        lastAdded = 0;
        lastRemoved = 0;
        for (int at = 0; at < old.length; at += SLOT) {
            if (old[at + PREFIX] != 0) {
                System.arraycopy(old, at, table, find(old[at], old[at + PREFIX], 0), SLOT);
            }
        }
    }
}
